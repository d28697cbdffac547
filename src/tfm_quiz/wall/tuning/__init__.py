"""What makes workers start faster. Nothing here is needed for safety: each part can be left out."""
