"""Text becomes a model: YAML with positions, quantities, premises, the knowledge folder, patients and cases."""
