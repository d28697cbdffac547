"""Speed, kept apart from safety: a reader who checks what confines a worker can skip this folder.

    preload.py     what the zygote does around its imports, all of the modules below in one call
    compiler.py    torch without its compiler
    warmup.py      run common operations before the first fork
    hugepages.py   2 MB pages for the memory that workers share
    garbage.py     no garbage collection while importing, none of what was imported
    scheduling.py  long time slices, one core for a grader and its worker

The wall works without any of it: set TFM_QUIZ_TUNING=off, or pass `tuned=False` to `Workers`. Then it imports nothing
of this folder, in no process.

Some speed is part of what it speeds up, and stands there: standby workers (host/fork_server.py, host/spawn_server.py),
requests sent ahead of their replies (grading/remote.py), graders that start while nbgrader is imported
(teach/nbgrader/head_start.py).
"""
