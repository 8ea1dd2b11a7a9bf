"""Version 1 of the contract, generated from proto/riskengine/api/v1 by `make proto`."""
