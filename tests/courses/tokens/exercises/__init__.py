"""Your exercises."""
