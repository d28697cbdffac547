"""The exercises of the tiny course."""
