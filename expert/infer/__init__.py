"""Running the definitions: facts in, conclusions with reasons out."""
