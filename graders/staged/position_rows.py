"""Callers that change what they are given."""

import torch


def scribble(position_rows, max_len, d_model, lengths):
    """The rows as each of several callers got them, each of whom then overwrites its own; and the table at the end."""
    module = position_rows(max_len, d_model).eval()
    seen = []
    for length in lengths:
        rows = module(length)
        seen.append(rows.detach().clone())
        with torch.no_grad():
            rows.mul_(3.0).add_(1.0)
    return seen, module.table.clone()


def scribble_in_float64(position_rows, max_len, d_model, length):
    """The same for one caller of a module that was moved to another dtype."""
    module = position_rows(max_len, d_model).double()
    module(length).zero_()
    return module(length).clone()
