"""Questions: the bank, the kinds of question, asking, marking and the prose rubric. Never imports torch or numpy."""
