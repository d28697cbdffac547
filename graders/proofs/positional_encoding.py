"""Proof that the grader of positional_encoding can be trusted."""

import functools
import math

import torch
from torch import Tensor


def oracle(length, d_model):
    """The closed form, one number at a time."""
    table = torch.zeros(length, d_model)
    for position in range(length):
        for column in range(d_model):
            angle = position / math.pow(10000, (column - column % 2) / d_model)
            table[position, column] = math.cos(angle) if column % 2 else math.sin(angle)
    return table


def right_float32_powers(length: int, d_model: int) -> Tensor:
    position = torch.arange(length).unsqueeze(1)
    angle = position / (10000 ** (torch.arange(0, d_model, 2) / d_model))
    table = torch.zeros(length, d_model)
    table[:, 0::2] = torch.sin(angle)
    table[:, 1::2] = torch.cos(angle)[:, : d_model // 2]
    return table


def right_exp_of_log(length: int, d_model: int) -> Tensor:
    position = torch.arange(0, length, dtype=torch.float).unsqueeze(1)
    div_term = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
    table = torch.zeros(length, d_model)
    table[:, 0::2] = torch.sin(position * div_term)
    table[:, 1::2] = torch.cos(position * div_term[: d_model // 2])
    return table


def right_einsum_and_stack(length: int, d_model: int) -> Tensor:
    pairs = (d_model + 1) // 2
    frequency = torch.pow(10000.0, -2.0 * torch.arange(pairs) / d_model)
    angle = torch.einsum("t,i->ti", torch.arange(length, dtype=torch.float32), frequency)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)[:, :d_model].contiguous()


def right_loops(length: int, d_model: int) -> Tensor:
    rows = [
        [
            (math.cos if column % 2 else math.sin)(position * 10000 ** -(2 * (column // 2) / d_model))
            for column in range(d_model)
        ]
        for position in range(length)
    ]
    return torch.tensor(rows, dtype=torch.float32).reshape(length, d_model)


def right_cosine_is_a_shifted_sine(length: int, d_model: int) -> Tensor:
    column = torch.arange(d_model)
    angle = torch.arange(length)[:, None].double() / 10000.0 ** ((column - column % 2).double() / d_model)
    return torch.sin(angle + (column % 2) * math.pi / 2).float()


def right_complex_numbers(length: int, d_model: int) -> Tensor:
    angle = torch.outer(torch.arange(length).double(), 10000.0 ** (-torch.arange(0, d_model, 2).double() / d_model))
    turn = torch.polar(torch.ones_like(angle), angle)  # cos + i sin
    return torch.stack([turn.imag, turn.real], dim=-1).flatten(1)[:, :d_model].to(torch.float32)


@functools.cache
def _kept(length: int, d_model: int) -> Tensor:
    """A table that is made once for each size."""
    column = torch.arange(d_model)
    angle = torch.arange(length)[:, None].double() / 10000.0 ** ((column - column % 2).double() / d_model)
    return torch.where(column % 2 == 0, angle.sin(), angle.cos()).float()


def right_cloned_cache(length: int, d_model: int) -> Tensor:
    return _kept(length, d_model).clone()


def second_sincos_swapped(length: int, d_model: int) -> Tensor:
    position = torch.arange(0, length, dtype=torch.float).unsqueeze(1)
    div_term = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
    table = torch.zeros(length, d_model)
    table[:, 0::2] = torch.cos(position * div_term)
    table[:, 1::2] = torch.sin(position * div_term[: d_model // 2])
    return table


def second_concatenated_halves(length: int, d_model: int) -> Tensor:
    pairs = (d_model + 1) // 2
    table = torch.zeros(length, d_model)
    for i in range(pairs):
        frequency = 1 / 10000 ** (2 * i / d_model)
        table[:, i] = torch.sin(torch.arange(length) * frequency)
        if pairs + i < d_model:
            table[:, pairs + i] = torch.cos(torch.arange(length) * frequency)
    return table


def second_exponent_uses_dim_index(length: int, d_model: int) -> Tensor:
    table = torch.zeros(length, d_model)
    for position in range(length):
        for i in range(0, d_model, 2):
            table[position, i] = math.sin(position / (10000 ** ((2 * i) / d_model)))
            if i + 1 < d_model:
                table[position, i + 1] = math.cos(position / (10000 ** ((2 * (i + 1)) / d_model)))
    return table


def second_cos_next_frequency(length: int, d_model: int) -> Tensor:
    position = torch.arange(length).float().unsqueeze(1)
    even, odd = torch.arange(0, d_model, 2), torch.arange(1, d_model, 2)
    table = torch.zeros(length, d_model)
    table[:, 0::2] = torch.sin(position / 10000 ** (even / d_model))
    table[:, 1::2] = torch.cos(position / 10000 ** (odd / d_model))
    return table


def second_factor_two_missing(length: int, d_model: int) -> Tensor:
    i = torch.arange((d_model + 1) // 2)
    angle = torch.arange(length).float()[:, None] * torch.exp(-i * math.log(10000.0) / d_model)
    return torch.stack((angle.sin(), angle.cos()), dim=2).reshape(length, -1)[:, :d_model].clone()


def second_positions_from_one(length: int, d_model: int) -> Tensor:
    position = torch.arange(1, length + 1, dtype=torch.float32).unsqueeze(1)
    div_term = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
    table = torch.zeros(length, d_model)
    table[:, 0::2] = torch.sin(position * div_term)
    table[:, 1::2] = torch.cos(position * div_term[: d_model // 2])
    return table


def second_multiplied_not_divided(length: int, d_model: int) -> Tensor:
    position = torch.arange(0, length, dtype=torch.float).unsqueeze(1)
    div_term = torch.exp(torch.arange(0, d_model, 2).float() * (math.log(10000.0) / d_model))  # the minus is missing
    table = torch.zeros(length, d_model)
    table[:, 0::2] = torch.sin(position * div_term)
    table[:, 1::2] = torch.cos(position * div_term[: d_model // 2])
    return table


def second_multiplied_not_divided__in_float64(length: int, d_model: int) -> Tensor:
    angle = torch.outer(torch.arange(length).double(), 10000.0 ** (torch.arange(0, d_model, 2).double() / d_model))
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)[:, :d_model].float()


def second_integer_division_exponent(length: int, d_model: int) -> Tensor:
    table = torch.zeros(length, d_model)
    for position in range(length):
        for column in range(d_model):
            angle = position / 10000 ** (2 * (column // 2) // d_model)
            table[position, column] = math.cos(angle) if column % 2 else math.sin(angle)
    return table


def second_length_normalised_position(length: int, d_model: int) -> Tensor:
    position = torch.arange(length).float() / length
    angle = torch.outer(position, 10000 ** (-torch.arange(0, d_model, 2) / d_model))
    table = torch.zeros(length, d_model)
    table[:, 0::2] = angle.sin()
    table[:, 1::2] = angle.cos()[:, : d_model // 2]
    return table


def second_odd_d_crash(length: int, d_model: int) -> Tensor:
    position = torch.arange(0, length, dtype=torch.float).unsqueeze(1)
    div_term = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
    table = torch.zeros(length, d_model)
    table[:, 0::2] = torch.sin(position * div_term)
    table[:, 1::2] = torch.cos(position * div_term)
    return table


def second_stays_float64(length: int, d_model: int) -> Tensor:
    column = torch.arange(d_model)
    angle = torch.arange(length)[:, None].double() / 10000.0 ** ((column - column % 2).double() / d_model)
    return torch.where(column % 2 == 0, angle.sin(), angle.cos())


def double_swapped_and_from_one(length: int, d_model: int) -> Tensor:
    table = torch.zeros(length, d_model)
    for position in range(length):
        for column in range(d_model):
            angle = (position + 1) / 10000 ** ((column - column % 2) / d_model)
            table[position, column] = math.sin(angle) if column % 2 else math.cos(angle)
    return table


def double_halves_and_base_1000(length: int, d_model: int) -> Tensor:
    angle = torch.arange(length)[:, None] / 1000 ** (torch.arange(0, d_model, 2) / d_model)
    return torch.cat([angle.sin(), angle.cos()], dim=1)[:, :d_model]


def double_factor_two_missing_and_odd_crash(length: int, d_model: int) -> Tensor:
    angle = torch.arange(length)[:, None] / 10000 ** (torch.arange((d_model + 1) // 2) / d_model)
    table = torch.zeros(length, d_model)
    table[:, 0::2] = angle.sin()
    table[:, 1::2] = angle.cos()
    return table


def double_cache_handed_out(length: int, d_model: int) -> Tensor:
    """Right numbers, but every caller gets the same table: what one does to it, the next one sees."""
    return _kept(length, d_model)
