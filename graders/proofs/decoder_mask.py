"""Proof that the grader of decoder_mask can be trusted."""

import torch
from torch import Tensor

from solutions.masks import causal_mask, padding_mask


def oracle(tokens, pad_id):
    """Both conditions, for one query and one key at a time."""
    rows = tokens.tolist()
    return torch.tensor(
        [[[k <= q and row[k] != pad_id for k in range(len(row))] for q in range(len(row))] for row in rows]
    )


def right_multiply_bools(tokens: Tensor, pad_id: int) -> Tensor:
    return padding_mask(tokens, pad_id) * causal_mask(tokens.size(1), tokens.device)


def right_without_helpers(tokens: Tensor, pad_id: int) -> Tensor:
    position = torch.arange(tokens.shape[1])
    return tokens.ne(pad_id)[:, None, :].logical_and(position[None, :] <= position[:, None])


def right_loops(tokens: Tensor, pad_id: int) -> Tensor:
    batch, length = tokens.shape
    mask = torch.zeros(batch, length, length, dtype=torch.bool)
    for b in range(batch):
        for q in range(length):
            for k in range(q + 1):
                mask[b, q, k] = bool(tokens[b, k] != pad_id)
    return mask


def right_tril_of_repeated(tokens: Tensor, pad_id: int) -> Tensor:
    return (tokens != pad_id).unsqueeze(1).repeat(1, tokens.size(1), 1).tril()


def right_einsum(tokens: Tensor, pad_id: int) -> Tensor:
    real = padding_mask(tokens, pad_id)[:, 0].double()
    past = causal_mask(tokens.size(1))[0].double()
    return torch.einsum("bk,qk->bqk", real, past) == 1


def right_minimum(tokens: Tensor, pad_id: int) -> Tensor:
    return torch.minimum(padding_mask(tokens, pad_id).int(), causal_mask(tokens.size(1)).int()).bool()


def right_not_hidden(tokens: Tensor, pad_id: int) -> Tensor:
    future = torch.ones(tokens.size(1), tokens.size(1), dtype=torch.bool).triu(1)
    return ~((tokens == pad_id)[:, None, :] | future)


def second_or_instead_of_and(tokens: Tensor, pad_id: int) -> Tensor:
    hidden = (tokens == pad_id)[:, None, :] & torch.ones(tokens.size(1), tokens.size(1), dtype=torch.bool).triu(1)
    return ~hidden


def second_or_instead_of_and__sum(tokens: Tensor, pad_id: int) -> Tensor:
    return (padding_mask(tokens, pad_id).int() + causal_mask(tokens.size(1)).int()) > 0


def second_causal_only(tokens: Tensor, pad_id: int) -> Tensor:
    batch, length = tokens.shape
    return torch.tril(torch.ones(batch, length, length)).bool()


def second_causal_for_all_samples(tokens: Tensor, pad_id: int) -> Tensor:
    return ~torch.ones(1, tokens.size(1), tokens.size(1), dtype=torch.bool).triu(1)


def second_padding_only(tokens: Tensor, pad_id: int) -> Tensor:
    return (tokens != pad_id)[:, None, :].expand(-1, tokens.size(1), -1)


def second_padding_on_queries(tokens: Tensor, pad_id: int) -> Tensor:
    real = (tokens != pad_id).float()
    return torch.einsum("bq,bk->bqk", real, real).bool() & causal_mask(tokens.size(1))


def second_queries_instead_of_keys(tokens: Tensor, pad_id: int) -> Tensor:
    return (tokens != pad_id).unsqueeze(-1) & causal_mask(tokens.size(1))


def second_float_product(tokens: Tensor, pad_id: int) -> Tensor:
    return (tokens != pad_id).unsqueeze(1) * torch.tril(torch.ones(tokens.size(1), tokens.size(1)))


def second_zero_not_pad_id(tokens: Tensor, pad_id: int) -> Tensor:
    return tokens.bool().unsqueeze(1) & causal_mask(tokens.size(1))


def double_or_of_inverted(tokens: Tensor, pad_id: int) -> Tensor:
    return (tokens == pad_id).unsqueeze(1) | causal_mask(tokens.size(1))


def double_queries_and_future(tokens: Tensor, pad_id: int) -> Tensor:
    return padding_mask(tokens, pad_id).transpose(1, 2) & causal_mask(tokens.size(1)).transpose(1, 2)


def double_float_and_zero(tokens: Tensor, pad_id: int) -> Tensor:
    return padding_mask(tokens, 0).float() * causal_mask(tokens.size(1)).float()
