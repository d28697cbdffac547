"""What goes wrong with most_frequent_pair."""

from collections import Counter
from itertools import pairwise


def _counts(ids):
    if len(ids) < 2:
        raise ValueError
    return Counter(pairwise(ids))


def first_of_equals(ids):
    """Of equally frequent pairs you take the one that was seen first, not the smallest.

    Hint: what should 5 6 1 2 give?
    Seen: the tests of the engine
    """
    return _counts(ids).most_common(1)[0][0]


def least_frequent(ids):
    """You take the rarest pair instead of the most frequent one.

    Hint: how often does your pair occur?
    Seen: the tests of the engine
    """
    counts = _counts(ids)
    return min(pair for pair, count in counts.items() if count == min(counts.values()))


def every_second_pair(ids):
    """You count every second pair only: 2 1 in 1 2 1 2 is a pair of neighbours, too.

    Hint: how many pairs does a list of four have?
    Seen: the tests of the engine
    """
    _counts(ids)
    counts = Counter(zip(ids[::2], ids[1::2], strict=False))
    return min(pair for pair, count in counts.items() if count == max(counts.values()))
