"""What a knowledge base is: model, definitions, format, units, values, errors, files. Everything rests on it."""
