"""The replayed machine: what a log makes, whoever reads it: engine, sessions, instructions."""
