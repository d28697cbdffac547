"""Proof that the grader of merge_pair can be trusted."""


def oracle(ids, pair, new):
    if len(ids) < 2:
        return list(ids)
    if (ids[0], ids[1]) == tuple(pair):
        return [new, *oracle(ids[2:], pair, new)]
    return [ids[0], *oracle(ids[1:], pair, new)]


def right_iterator(ids, pair, new):
    merged, skip = [], False
    for here, there in zip(ids, [*list(ids)[1:], None], strict=False):
        if skip:
            skip = False
        elif (here, there) == tuple(pair):
            merged.append(new)
            skip = True
        else:
            merged.append(here)
    return merged


def right_stack(ids, pair, new):
    rest, merged = list(ids)[::-1], []
    while rest:
        here = rest.pop()
        if rest and (here, rest[-1]) == tuple(pair):
            rest.pop()
            here = new
        merged.append(here)
    return merged


def right_while(ids, pair, new):
    merged, i = [], 0
    while i < len(ids):
        hit = i + 1 < len(ids) and ids[i] == pair[0] and ids[i + 1] == pair[1]
        merged.append(new if hit else ids[i])
        i += 2 if hit else 1
    return merged


def right_slices(ids, pair, new):
    ids, i = list(ids), 0
    while i < len(ids) - 1:
        if ids[i : i + 2] == list(pair):
            ids[i : i + 2] = [new]
        i += 1
    return ids


def second_first_only(ids, pair, new):
    ids = list(ids)
    for i in range(len(ids) - 1):
        if ids[i : i + 2] == list(pair):
            ids[i : i + 2] = [new]
            break
    return ids


def second_from_the_right(ids, pair, new):
    ids, i = list(ids), len(ids) - 2
    while i >= 0:
        if ids[i : i + 2] == list(pair):
            ids[i : i + 2] = [new]
            i -= 1
        i -= 1
    return ids


def second_keeps_the_pair(ids, pair, new):
    ids, i = list(ids), 0
    while i < len(ids) - 1:
        if ids[i : i + 2] == list(pair):
            ids.insert(i, new)
            i += 2
        i += 1
    return ids
