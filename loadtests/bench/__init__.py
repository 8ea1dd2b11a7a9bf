"""Benchmarks: the core, the way in over gRPC, replay, and their peers, in one run."""
