"""How work is judged: hidden graders run as plain pytest, student against reference, every call compared.

content.py   reference, variants and helpers, loaded from the course
draw.py      the values of a run, from its seed
seen.py      what is asked (calls) and what comes of it (observations)
worlds.py    where a call is made: the reference's process, or the worker
compare.py   what differs, in one sentence (numpy only)
oracle.py    what the reference and every variant answer, evaluated once a run
check.py     the fixtures of a grader
diagnose.py  which known mistake is it?
plugin.py    pytest: markers, fixtures, one resident session for a whole class
exercise.py  one exercise of one submission; run.py the submission; serve.py and pool.py the grader processes
"""
