"""The reference meaning: Kleene's logic over the definitions, and the patients that constraints permit."""
