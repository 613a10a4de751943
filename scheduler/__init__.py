"""When a notice is due, and whether it was sent."""
