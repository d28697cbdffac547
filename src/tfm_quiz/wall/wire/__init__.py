"""Data between the trusted side and the processes it starts. Imported on both sides.

frames.py   a value as bytes: JSON and raw tensor bytes, every limit checked before memory is asked for
channel.py  frames over a socket, with deadlines
tensors.py  torch tensors as data of the wire
control.py  what the trusted side asks of the zygote
"""
