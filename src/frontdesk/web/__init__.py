"""What every HTTP surface shares: errors, paging, the caller's identity."""
