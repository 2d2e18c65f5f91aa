"""Tests of pages that need a real browser. ``make browser`` runs them; elsewhere they are skipped."""
