"""What a knowledge engineer does with a knowledge base."""
