"""Pure code that everything may use: ids, clock, numbers, text, errors."""
