"""Between the contract's messages and the values of the core, in both directions."""
