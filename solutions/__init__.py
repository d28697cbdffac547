"""Reference solutions: one module per unit, the source from which `exercises/` is generated."""
