"""The wall: the only way to reach student code.

A *zygote* (zygote.py) is started by a fresh exec with a clean environment, imports torch once and forks one confined
*worker* (worker.py) per exercise. The trusted side (client.py) talks to a worker in frames of JSON and raw tensor
bytes (wire.py) and believes nothing that comes back.
"""
