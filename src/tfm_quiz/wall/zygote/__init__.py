"""The processes that become workers: the zygote, which forks them, and the standalone worker where nothing forks."""
