"""Who bears a loss: counterparties, their order and shares."""
