"""A small exchange that drives the risk engine over gRPC as a matching engine would."""
