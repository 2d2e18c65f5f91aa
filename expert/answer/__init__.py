"""Answers for one patient as values: assessment, why, what if, consultation."""
