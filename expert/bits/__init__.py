"""Many variants of a patient, or many patients, at once: each truth is two whole numbers with one bit a variant."""
