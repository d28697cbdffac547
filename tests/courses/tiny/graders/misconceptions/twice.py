"""What goes wrong with twice."""


def once(f, x):
    """You called f once.

    Hint: count the calls.
    Seen: the tests of the engine
    """
    return f(x)


def doubled(f, x):
    """You doubled the result of one call, instead of calling f on it again.

    Hint: what goes into the second call?
    Seen: the tests of the engine
    """
    return 2 * f(x)
