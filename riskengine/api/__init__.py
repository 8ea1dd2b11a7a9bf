"""The contract: generated messages and stubs, nothing else."""
