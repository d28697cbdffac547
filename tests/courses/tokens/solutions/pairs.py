"""Pairs of neighbours in a list of ids."""

from collections import Counter
from itertools import pairwise

import torch
from torch import Tensor


def most_frequent_pair(ids: list[int]) -> tuple[int, int]:
    """The pair of neighbours that occurs most often; of several, the smallest. (section 1.1)

    Raises ValueError for fewer than two ids.
    """
    ### BEGIN SOLUTION
    if len(ids) < 2:
        raise ValueError("two ids make a pair")
    counts = Counter(pairwise(ids))
    most = max(counts.values())
    return min(pair for pair, count in counts.items() if count == most)
    ### END SOLUTION


def merge_pair(ids: list[int], pair: tuple[int, int], new: int) -> list[int]:
    """The ids with every occurrence of `pair` replaced by `new`, from the left, without overlap. (section 1.2)"""
    ### BEGIN SOLUTION
    merged = []
    at = 0
    while at < len(ids):
        if tuple(ids[at : at + 2]) == tuple(pair):
            merged.append(new)
            at += 2
        else:
            merged.append(ids[at])
            at += 1
    return merged
    ### END SOLUTION


def piece_starts(ids: Tensor, first: int) -> Tensor:
    """Where a piece begins: ids (B, T) -> bool (B, T), True for ids below `first`. (section 1.3)"""
    ### BEGIN SOLUTION
    return torch.lt(ids, first)
    ### END SOLUTION
