"""What things cost, and what a domain has paid: values without I/O."""
