"""All patients at once: definitions as formulas of a solver (z3), and proofs that look for a counterexample."""
