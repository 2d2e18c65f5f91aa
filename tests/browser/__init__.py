"""What only a browser can tell of a page. ``make browser`` runs these tests; elsewhere they are skipped."""
