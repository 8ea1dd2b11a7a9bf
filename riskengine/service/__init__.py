"""The service: one sequencer that writes, subscriptions, and thin servicers over gRPC."""
