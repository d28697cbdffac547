"""Proof that the grader of warmup_rate can be trusted."""

import math

import torch


def oracle(step: int, peak: float, warmup: int) -> float:
    """The formula, in logarithms."""
    ratio = math.log(step + 1) - math.log(warmup)
    return math.exp(math.log(peak) + min(ratio, -ratio / 2))


def right_min(step: int, peak: float, warmup: int) -> float:
    n = step + 1
    return peak * min(n / warmup, math.sqrt(warmup / n))


def right_paper(step: int, peak: float, warmup: int) -> float:
    """The paper's own form, scaled to the peak."""
    number = step + 1
    return peak * warmup**0.5 * min(number**-0.5, number * warmup**-1.5)


def right_added_up(step: int, peak: float, warmup: int) -> float:
    if step >= warmup:
        return peak / math.sqrt((step + 1) / warmup)
    return sum(peak / warmup for _ in range(step + 1))


def right_torch(step: int, peak: float, warmup: int) -> float:
    number = torch.tensor(float(step + 1), dtype=torch.float64)
    return float(peak * torch.minimum(number / warmup, (warmup / number).sqrt()))


def second_first_update_lost(step: int, peak: float, warmup: int) -> float:
    return peak * min(step / warmup, (warmup / max(step, 1)) ** 0.5)


def second_first_update_twice(step: int, peak: float, warmup: int) -> float:
    n = step or 1
    return peak * min(n / warmup, (warmup / n) ** 0.5)


def second_only_the_rise_moved(step: int, peak: float, warmup: int) -> float:
    if step + 1 <= warmup:
        return peak * ((step + 1) / warmup)
    return peak * math.sqrt(warmup) / math.sqrt(step)


def second_never_falls(step: int, peak: float, warmup: int) -> float:
    return min(peak, peak * (step + 1) / warmup)


def double_lost_and_never_falls(step: int, peak: float, warmup: int) -> float:
    return peak * min(1.0, step / warmup)


def double_two_and_no_root(step: int, peak: float, warmup: int) -> float:
    return peak * min((step + 2) / warmup, warmup / (step + 2))
