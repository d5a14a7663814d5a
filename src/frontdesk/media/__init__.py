"""Files that customers and people send: kept, understood, made smaller, served."""
