"""The SQL of accounts, the ledger and prices."""
