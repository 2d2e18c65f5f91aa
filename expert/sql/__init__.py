"""The knowledge as one query, for data that may not leave their database."""
