"""Numbers, ids, arrays and refusals: what knows nothing of risk."""
