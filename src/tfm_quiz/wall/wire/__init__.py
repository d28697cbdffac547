"""Data between the trusted side and a worker: frames, tensors, a socket with a deadline. Imported on both sides."""
