"""What an author of the course does: write, generate, prove and measure it."""
