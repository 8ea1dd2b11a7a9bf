"""The state that is hashed, and what is booked in it."""
