"""What goes wrong with piece_starts."""

import torch


def inverted(ids, first):
    """You mark what goes on instead of what begins.

    Hint: which ids are below the first?
    Seen: the tests of the engine
    """
    return ~torch.lt(ids, first)


def first_included(ids, first):
    """You count the first id that goes on as a beginning.

    Hint: is the first below itself?
    Seen: the tests of the engine
    """
    return torch.le(ids, first)


def one_row(ids, first):
    """You answer with one row for all samples.

    Hint: which shape does the result have?
    Seen: the tests of the engine
    """
    return torch.lt(ids, first)[0]
