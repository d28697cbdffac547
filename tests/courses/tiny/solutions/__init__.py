"""The reference solutions of the tiny course."""
