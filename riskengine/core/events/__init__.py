"""What a command tells: the event, and its Python value."""
