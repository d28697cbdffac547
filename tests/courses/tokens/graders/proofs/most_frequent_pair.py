"""Proof that the grader of most_frequent_pair can be trusted."""

from collections import Counter, defaultdict
from itertools import pairwise


def oracle(ids):
    if len(ids) < 2:
        raise ValueError
    pairs = sorted(pairwise(ids))
    return max(pairs, key=lambda pair: (pairs.count(pair), [-part for part in pair]))


def right_sorted(ids):
    if len(ids) < 2:
        raise ValueError
    return sorted(Counter(pairwise(ids)).items(), key=lambda item: (-item[1], item[0]))[0][0]


def right_dict(ids):
    if len(ids) < 2:
        raise ValueError
    counts = defaultdict(int)
    for pair in pairwise(ids):
        counts[pair] += 1
    return min(counts, key=lambda pair: (-counts[pair], pair))


def right_index(ids):
    if len(ids) < 2:
        raise ValueError
    pairs = [(ids[i], ids[i + 1]) for i in range(len(ids) - 1)]
    return min(set(pairs), key=lambda pair: (-pairs.count(pair), pair))


def right_max(ids):
    if len(ids) < 2:
        raise ValueError
    counts = Counter(pairwise(ids))
    return max(sorted(counts), key=counts.get)


def second_first_of_equals(ids):
    if len(ids) < 2:
        raise ValueError
    counts = {}
    for pair in pairwise(ids):
        counts[pair] = counts.get(pair, 0) + 1
    return max(counts, key=counts.get)


def second_least_frequent(ids):
    if len(ids) < 2:
        raise ValueError
    return sorted(Counter(pairwise(ids)).items(), key=lambda item: (item[1], item[0]))[0][0]


def second_every_second_pair(ids):
    if len(ids) < 2:
        raise ValueError
    pairs = [(ids[i], ids[i + 1]) for i in range(0, len(ids) - 1, 2)]
    return min(set(pairs), key=lambda pair: (-pairs.count(pair), pair))
