"""Pairs of neighbours in a list of ids."""

from collections import Counter
from itertools import pairwise

import torch
from torch import Tensor


def most_frequent_pair(ids: list[int]) -> tuple[int, int]:
    """The pair of neighbours that occurs most often; of several, the smallest. (section 1.1)

    Raises ValueError for fewer than two ids.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def merge_pair(ids: list[int], pair: tuple[int, int], new: int) -> list[int]:
    """The ids with every occurrence of `pair` replaced by `new`, from the left, without overlap. (section 1.2)"""
    # YOUR CODE HERE
    raise NotImplementedError()


def piece_starts(ids: Tensor, first: int) -> Tensor:
    """Where a piece begins: ids (B, T) -> bool (B, T), True for ids below `first`. (section 1.3)"""
    # YOUR CODE HERE
    raise NotImplementedError()
