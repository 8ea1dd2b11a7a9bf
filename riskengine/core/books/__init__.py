"""The state with its hash, and what is booked in it."""
