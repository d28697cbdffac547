"""How work is graded: hidden graders run as plain pytest, student against reference, every call compared.

What is asked and answered, without torch:
questions.py    Call, Twice, Build, OnBuilt, Through, and how they are sent to a worker
observation.py  the outcome of a question
compare.py      what is wrong with it, in one sentence
remote.py       the student's side: a worker. beside.py and pieces.py run there, beside the student's code
probes.py       the public questions and their answers; sketch.py the fingerprints of wrong ones

One runner for `check` and for the grader, without torch:
runner.py       the tests of an exercise, one after another: time-outs, deaths, the result
attempt.py      one test asked of one side, each answer compared
worker_slot.py  the worker, replaced when it dies; imports that failed
budget.py       the time of a whole submission; call_limits.py of the next call
naming.py       which known mistake is it?
wording.py      the sentences of a result
supply.py       what stands in for modules that are missing, and for exercises that failed

The grader's own, with torch:
content.py      reference, variants and helpers, loaded from the course
patch_file.py   variants as changes of the solution's lines; patch.py applies them
draw.py         the values of a run, from its seed
local.py        the trusted side: reference and variants, called in this process
answer_key.py   what they answer, recorded once a run; variants.py only as far as it is needed
current.py      the test that is running; fixtures.py what an author's grader sees; proxies.py, lab.py the student in it
session.py      pytest: markers, one resident session for a whole class
graders.py      collect the graders, record their keys
exercise.py     one exercise of one submission; grade.py the whole submission
fingerprint.py  one digest of all that a mark depends on
serve.py        a grader process; pool.py its parent; messages.py what they say to each other
"""
