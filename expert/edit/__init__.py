"""Editing knowledge: house style, schemas for an editor, scaffolds."""
