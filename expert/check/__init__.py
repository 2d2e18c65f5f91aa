"""Checking a knowledge folder: lints, proofs, waivers and baselines."""
