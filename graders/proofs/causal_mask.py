"""Proof that the grader of causal_mask can be trusted."""

import functools

import torch
from torch import Tensor, nn


def oracle(length, device=None):
    """torch's own float mask: minus infinity where attention is forbidden."""
    return ~nn.Transformer.generate_square_subsequent_mask(length, device=device).isinf().unsqueeze(0)


def right_not_triu(length: int, device: torch.device | str | None = None) -> Tensor:
    return (1 - torch.triu(torch.ones(1, length, length, device=device), diagonal=1)).bool()


def right_compare_positions(length: int, device: torch.device | str | None = None) -> Tensor:
    position = torch.arange(length, device=device)
    return (position.unsqueeze(0) <= position.unsqueeze(1)).unsqueeze(0)


def right_loops(length: int, device: torch.device | str | None = None) -> Tensor:
    mask = torch.zeros(1, length, length, dtype=torch.bool, device=device)
    for query in range(length):
        mask[0, query, : query + 1] = True
    return mask


def right_lists(length: int, device: torch.device | str | None = None) -> Tensor:
    rows = [[key <= query for key in range(length)] for query in range(length)]
    return torch.tensor(rows, dtype=torch.bool, device=device).reshape(1, length, length)


def right_made_elsewhere_and_moved(length: int, device: torch.device | str | None = None) -> Tensor:
    return torch.ones(1, length, length).tril().bool().to(device)


def right_cumulative_sum(length: int, device: torch.device | str | None = None) -> Tensor:
    return torch.eye(length, device=device).flip(1).cumsum(1).flip(1)[None] > 0


def right_einsum(length: int, device: torch.device | str | None = None) -> Tensor:
    one, position = torch.ones(length, device=device), torch.arange(length, dtype=torch.float64, device=device)
    queries = torch.einsum("q,k->qk", position, one.double())
    keys = torch.einsum("q,k->qk", one.double(), position)
    return (queries - keys >= 0).reshape(1, length, length)


def right_tril_indices(length: int, device: torch.device | str | None = None) -> Tensor:
    mask = torch.full((length, length), False, device=device)
    row, column = torch.tril_indices(length, length)
    mask[row, column] = True
    return mask.view(1, length, length)


@functools.cache
def _kept(length: int) -> Tensor:
    return torch.arange(length).view(1, 1, -1).le(torch.arange(length).view(1, -1, 1))


def right_cloned_cache(length: int, device: torch.device | str | None = None) -> Tensor:
    return _kept(length).clone().to(device or "cpu")


def second_strict_diagonal_hidden(length: int, device: torch.device | str | None = None) -> Tensor:
    return (torch.triu(torch.ones(length, length, device=device), diagonal=0) == 0).unsqueeze(0)


def second_one_step_leak(length: int, device: torch.device | str | None = None) -> Tensor:
    return ~torch.ones(1, length, length, dtype=torch.bool, device=device).triu(diagonal=2)


def second_future_allowed(length: int, device: torch.device | str | None = None) -> Tensor:
    position = torch.arange(length, device=device)
    return (position[None, :] >= position[:, None])[None]


def second_inverted(length: int, device: torch.device | str | None = None) -> Tensor:
    mask = torch.zeros(1, length, length, dtype=torch.bool, device=device)
    for query in range(length):
        mask[:, query, query + 1 :] = True
    return mask


def second_float_additive(length: int, device: torch.device | str | None = None) -> Tensor:
    return torch.triu(torch.full((1, length, length), float("-inf"), device=device), diagonal=1)


def second_float_ones(length: int, device: torch.device | str | None = None) -> Tensor:
    return torch.tril(torch.ones(length, length, device=device)).unsqueeze(0)


def second_no_batch_axis(length: int, device: torch.device | str | None = None) -> Tensor:
    return torch.tril(torch.ones(length, length, device=device)) == 1


def double_strict_and_inverted_float(length: int, device: torch.device | str | None = None) -> Tensor:
    return torch.triu(torch.ones(1, length, length, device=device))


def double_inverted_without_batch_axis(length: int, device: torch.device | str | None = None) -> Tensor:
    return torch.ones(length, length, device=device).triu(1).bool()


def double_leaks_two_steps(length: int, device: torch.device | str | None = None) -> Tensor:
    return torch.ones(1, length, length, device=device).tril(2).bool()


def double_cache_handed_out(length: int, device: torch.device | str | None = None) -> Tensor:
    """Right numbers, but every caller gets the same mask: what one does to it, the next one sees."""
    return _kept(length)
