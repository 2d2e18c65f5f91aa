"""The definitions in the form that each executor runs."""
