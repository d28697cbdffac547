"""The wall: the only way to reach student code. Each folder is a process, or a part that can be read alone.

    host/      the trusted side: starts workers, sends requests, ends workers in time, believes no reply
    wire/      what the two sides say to each other: frames of JSON and raw tensor bytes, control messages
    zygote/    the process that workers come from: imports torch once, holds no secret, forks on request
    worker/    the process that runs one exercise of one submission. After the first line it *is* the student
    lockdown/  the layers that confine the zygote and its workers, and the proof that they hold
    tuning/    what makes all of it fast and nothing safer; it can be left out

Imports point down: wire/ and lockdown/ import nothing of the package but themselves, worker/ imports wire/, tuning/
imports those three, zygote/ all four, host/ imports wire/, lockdown/ and tuning/ and starts the others by their names.
`tests/wall/test_folders.py` holds us to it.
"""
