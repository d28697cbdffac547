"""TOML files read strictly: every mistake with its line."""
