"""Margin of accounts: requirements, prices, evidence."""
