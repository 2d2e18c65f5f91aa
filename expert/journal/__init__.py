"""What lasts: the journal of answers, receipts, replay, the session of a consultation."""
