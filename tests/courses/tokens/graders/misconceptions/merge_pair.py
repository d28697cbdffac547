"""What goes wrong with merge_pair."""

from solutions.pairs import merge_pair


def first_only(ids, pair, new):
    """You replace the first occurrence and leave the others.

    Hint: how often does 1 2 stand in 1 2 3 1 2?
    Seen: the tests of the engine
    """
    for at in range(len(ids) - 1):
        if tuple(ids[at : at + 2]) == tuple(pair):
            return [*ids[:at], new, *ids[at + 2 :]]
    return list(ids)


def from_the_right(ids, pair, new):
    """You replace from the right: where occurrences overlap, the left one comes first.

    Hint: what becomes of 1 1 1?
    Seen: the tests of the engine
    """
    return merge_pair(list(ids)[::-1], tuple(pair)[::-1], new)[::-1]


def keeps_the_pair(ids, pair, new):
    """You write the new id beside the pair instead of in its place.

    Hint: how long is the result?
    Seen: the tests of the engine
    """
    merged, at = [], 0
    while at < len(ids):
        if tuple(ids[at : at + 2]) == tuple(pair):
            merged += [new, *pair]
            at += 2
        else:
            merged.append(ids[at])
            at += 1
    return merged
