"""Values become text: the terminal, JSON, messages about problems."""
