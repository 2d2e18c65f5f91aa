"""Editing knowledge: house style, schemas for an editor, new entries and new knowledge bases."""
