"""The processes that become workers.

server.py      the zygote: imports torch once and forks a confined worker for each request
standalone.py  a worker that was not forked, where a fork is unsafe or missing
"""
