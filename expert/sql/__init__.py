"""The knowledge as one SQL query, for data that must stay in their database."""
