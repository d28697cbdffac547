"""Proof that the grader of noam_rate can be trusted."""

import math
from fractions import Fraction

import torch


def oracle(step: int, d_model: int, warmup: int) -> float:
    """By logarithms, from the two facts that fix the schedule: its peak, and its shape on either side of it."""
    if step < 1:
        raise ValueError
    peak = -0.5 * (math.log(d_model) + math.log(warmup))
    position = math.log(step) - math.log(warmup)
    return math.exp(peak + (position if position < 0 else -position / 2))


def right_branches(step: int, d_model: int, warmup: int) -> float:
    if step <= 0:
        raise ValueError("no such step")
    if step < warmup:
        return step / (math.sqrt(d_model) * warmup * math.sqrt(warmup))
    return 1 / math.sqrt(d_model * step)


def right_tensors(step: int, d_model: int, warmup: int) -> float:
    if step < 1:
        raise ValueError("no such step")
    parts = torch.tensor([step**-0.5, step * warmup**-1.5])
    return (d_model**-0.5 * parts.min()).item()


def right_peak_times_shape(step: int, d_model: int, warmup: int) -> float:
    if not step >= 1:
        raise ValueError("no such step")
    peak = (d_model * warmup) ** -0.5
    return peak * min(step / warmup, (warmup / step) ** 0.5)


def right_fractions(step: int, d_model: int, warmup: int) -> float:
    if step < 1:
        raise ValueError("no such step")
    square = min(Fraction(1, step), Fraction(step**2, warmup**3)) / d_model
    return math.sqrt(square)


def right_sorted(step: int, d_model: int, warmup: int) -> float:
    if step < 1:
        raise ValueError("no such step")
    return sorted([pow(step, -0.5), pow(warmup, -1.5) * step])[0] * pow(d_model, -0.5)


def second_min_is_max(step: int, d_model: int, warmup: int) -> float:
    if step < 1:
        raise ValueError("no such step")
    rising, falling = step / warmup**1.5, 1 / math.sqrt(step)
    return (rising if rising > falling else falling) / math.sqrt(d_model)


def second_constant_after_warmup(step: int, d_model: int, warmup: int) -> float:
    if step < 1:
        raise ValueError("no such step")
    return min(step, warmup) / (warmup * math.sqrt(d_model * warmup))


def second_d_model_ignored(step: int, d_model: int, warmup: int) -> float:
    if step < 1:
        raise ValueError("no such step")
    return 1 / math.sqrt(step) if step > warmup else step / (warmup * math.sqrt(warmup))


def second_from_step_zero(step: int, d_model: int, warmup: int) -> float:
    if step <= 0:
        raise ValueError("no such step")
    done = step - 1
    return 0.0 if done == 0 else min(1 / math.sqrt(done), done / warmup**1.5) / math.sqrt(d_model)


def second_step_zero_accepted(step: int, d_model: int, warmup: int) -> float:
    rising = step * warmup**-1.5
    return (rising if step < warmup else step**-0.5) * d_model**-0.5


def double_max_without_d_model(step: int, d_model: int, warmup: int) -> float:
    if step < 1:
        raise ValueError("no such step")
    return max(step**-0.5, step * warmup**-1.5)


def double_base_rate_and_no_warmup(step: int, d_model: int, warmup: int) -> float:
    if step < 1:
        raise ValueError("no such step")
    return 1e-3 * (d_model * step) ** -0.5


def double_warmup_exponent_and_step_zero(step: int, d_model: int, warmup: int) -> float:
    return d_model**-0.5 * min(max(step, 1) ** -0.5, max(step, 1) * warmup**-0.5)
