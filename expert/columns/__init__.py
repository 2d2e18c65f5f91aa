"""Many patients at once: tables become columns of findings, definitions become expressions of Polars."""
