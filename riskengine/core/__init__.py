"""The Python face of the compiled core: a deterministic risk engine without I/O or a clock."""
