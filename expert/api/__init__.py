"""The way in for programs: one object that answers, and the answers as values."""
