"""Proof that the grader of piece_starts can be trusted."""

import torch


def oracle(ids, first):
    return torch.tensor([[value < first for value in row] for row in ids.tolist()])


def right_operator(ids, first):
    return ids < first


def right_not_ge(ids, first):
    return ~(ids >= first)


def right_where(ids, first):
    return torch.where(ids < first, True, False)


def right_flipped(ids, first):
    return first > ids


def second_inverted(ids, first):
    return ids >= first


def second_first_included(ids, first):
    return ids < first + 1


def second_one_row(ids, first):
    return ids[0] < first
