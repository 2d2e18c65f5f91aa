"""What an edit of the knowledge changes: for which patients, and because of which edit."""
