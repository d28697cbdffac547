"""A course in a box on the Transformer: exercises, questions, graders."""

__version__ = "0.1.0"
