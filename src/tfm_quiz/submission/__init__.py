"""What a student hands in: reading folders, archives and notebooks as hostile data."""
