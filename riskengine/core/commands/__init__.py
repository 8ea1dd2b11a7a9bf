"""Guards, rows and the frame of every command."""
