"""The steps of one liquidation."""
