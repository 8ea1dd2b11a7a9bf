"""The trigger index: whom a mark can move."""
