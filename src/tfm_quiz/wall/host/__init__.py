"""The trusted side of the wall. It runs in the grader, and reads everything that comes back as hostile.

workers.py       `Workers` and `Worker`: start a worker, send requests, keep deadlines
reply.py         what a worker answered, checked field by field
fork_server.py   workers by fork, on Linux
spawn_server.py  workers by exec, elsewhere
process.py       start a process of our own: a fresh exec, a clean environment
"""
