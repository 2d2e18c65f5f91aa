"""Cases: running them, what they cover, what is missing, and the mutants that they notice."""
