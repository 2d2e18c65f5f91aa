"""One patient with experta: forward chaining, every conclusion with its justifications."""
