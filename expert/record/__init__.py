"""What lasts beyond one command: the session of a consultation, and the journal of answers."""
