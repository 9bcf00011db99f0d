"""A rehearsal cluster on loopback addresses."""
