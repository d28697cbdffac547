"""Questions: the bank, asking, marking and the prose rubric. Never imports torch or numpy.

bank.py           the kinds that a TOML file may hold, each a module of kinds/
reading.py        read the bank, every mistake with its place; topic_files.py where a topic's files are
prompts.py        a question without its key
asking.py         ask practice and graded questions; memory.py what is kept of practice
answers.py        from what was typed, or written in answers.toml, to an answer
answers_file.py   read and change answers.toml; salvage.py what can be read of a broken one
scoring.py        mark the graded questions of a submission
lint.py           flaws of a valid bank; places.py, giveaways.py, outline.py and sources.py some of them

Free text:
prose.py          questions with their rubrics, and what a rubric suggests
prose_check.py    a student's self-check
rubric/           read an answer by patterns; judge/ an optional second opinion
rubric_examples.py  labelled answers; rubric_measure.py precision and recall on them
"""
