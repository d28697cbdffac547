"""nbgrader's own workflow with this engine beneath it. Only modules that use its classes import nbgrader.

folder.py         init: a course folder that plain nbgrader commands run on; gradebook.py its gradebook
configuration.py  what nbgrader loads for a course folder: refused if it would run student code in a kernel
adopt.py          adopt: our lines in the configuration of a course that exists already
build.py          source notebooks from exercises and questions; no nbgrader needed
assignment.py     which exercises and questions an assignment holds, as its own notebooks say
names.py          names of assignments and students that nbgrader can work with
prepare.py        a submitted folder, made fit for nbgrader: no links, no giants
incoming.py       a student's notebook, read as hostile data, by reading.py
work.py           a student's folder as the submission that `teach grade` would read, answers to questions included
desk.py           reports: from the results of the run before, or graded now
graft.py, sandbox.py, suggest.py     the three preprocessors that `nbgrader_config.py` names; parts.py what they share
words.py          a report in nbgrader's cells and comments; prose.py what a rubric suggests, plain.py text as typed
record.py         nbgrader's own autograde, for those whose report is new
books.py          its gradebook, opened once and with one transaction a notebook
head_start.py     graders start while nbgrader is imported
autograde.py      all of it: grade in parallel, and record meanwhile
export.py         exporter classes
"""
