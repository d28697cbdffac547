"""The lines that mark what students are to write: in solutions, and in the stubs made of them."""

import re

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")  # nbgrader's text, so that modules and notebooks agree
RAISED = "NotImplementedError"  # what every open function of a stub has, unless it has a bug to find
MARKER_WORDS = re.compile(r"\b(BEGIN|END)[ _-]*(SOLUTION|FAULT)\b", re.IGNORECASE)

FIND = "# FIND THE BUG"  # in a stub, above faulty code
