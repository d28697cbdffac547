"""What goes wrong with noam_rate."""

import math


def from_step_zero(step: int, d_model: int, warmup: int) -> float:
    """You count steps from 0 inside: the first step then has rate 0 or divides by zero, and every rate comes late.

    Hint: what is the rate of step 1, the very first one?
    Seen: ruotianluo/self-critical.pytorch 171
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    step = step - 1
    return d_model**-0.5 * min(step**-0.5 if step else 0.0, step * warmup**-1.5)


def step_zero_accepted(step: int, d_model: int, warmup: int) -> float:
    """You answer for a step below 1, where the schedule has no rate: such a step is an off-by-one of the caller.

    Hint: what should a caller who counts from 0 be told?
    Seen: teaching
    """
    falling = step**-0.5 if step > 0 else math.inf
    return d_model**-0.5 * min(falling, step * warmup**-1.5)


def min_is_max(step: int, d_model: int, warmup: int) -> float:
    """You take the larger of the two parts, so the rate starts high, falls during the warm-up and then rises forever.

    Hint: plot three points: step 1, step warmup and step 4 * warmup.
    Seen: teaching
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    return d_model**-0.5 * max(step**-0.5, step * warmup**-1.5)


def warmup_exponent(step: int, d_model: int, warmup: int) -> float:
    """Your warm-up is too steep: its exponent makes the rising part meet the falling one long before step warmup.

    Hint: at step warmup both parts must be equal. Which power of warmup makes them so?
    Seen: teaching
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    return d_model**-0.5 * min(step**-0.5, step * warmup**-0.5)


def warmup_linear_exponent(step: int, d_model: int, warmup: int) -> float:
    """You divide the step by warmup, which rises to 1 instead of to the value where the falling part begins.

    Hint: at step warmup both parts must be equal. What is warmup^-0.5 for a warm-up of 100?
    Seen: teaching
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    return d_model**-0.5 * min(step**-0.5, step / warmup)


def d_model_root_missing(step: int, d_model: int, warmup: int) -> float:
    """You divide by d_model, the schedule divides by its square root: your rates are far too small for wide models.

    Hint: what is the peak for d_model 512 and warmup 4000? The paper's model gets 0.0007.
    Seen: teaching
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    return d_model**-1.0 * min(step**-0.5, step * warmup**-1.5)


def d_model_ignored(step: int, d_model: int, warmup: int) -> float:
    """Your rate does not depend on d_model: wide models need smaller steps, and the paper scales for them.

    Hint: what happens to your rate when the width is doubled?
    Seen: teaching
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    return min(step**-0.5, step * warmup**-1.5)


def d_model_multiplied(step: int, d_model: int, warmup: int) -> float:
    """You multiply by the square root of d_model, so wider models take larger steps; they should take smaller ones.

    Hint: what is the peak for d_model 512 and warmup 4000? The paper's model gets 0.0007.
    Seen: teaching
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    return d_model**0.5 * min(step**-0.5, step * warmup**-1.5)


def multiplies_base_lr(step: int, d_model: int, warmup: int) -> float:
    """You multiply by a base rate of 0.001, but this schedule is the rate itself: yours is a thousand times too small.

    Hint: what is the peak for d_model 512 and warmup 4000? The paper's model gets 0.0007.
    Seen: espnet/espnet PR 1519
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    return 1e-3 * d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


def relative_to_peak(step: int, d_model: int, warmup: int) -> float:
    """You return a factor that peaks at 1, to be multiplied by some base rate; this schedule is the rate itself.

    Hint: what is the peak for d_model 512 and warmup 4000? The paper's model gets 0.0007.
    Seen: espnet/espnet PR 1519
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    return min(step / warmup, (warmup / step) ** 0.5)


def exp_warmup(step: int, d_model: int, warmup: int) -> float:
    """Your warm-up is exponential, from a hundredth of the peak; the paper's is a straight line.

    Hint: how does the rate at step warmup / 2 compare with the peak?
    Seen: tensorflow/tensor2tensor 555
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    rising = warmup**-0.5 * 0.01 ** ((warmup - step) / warmup)
    return d_model**-0.5 * (rising if step < warmup else step**-0.5)


def no_warmup(step: int, d_model: int, warmup: int) -> float:
    """Your rate only falls: without the warm-up the first steps are the largest, while Adam knows least.

    Hint: what is your rate at step 1, and which step has the highest?
    Seen: teaching
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    return d_model**-0.5 * step**-0.5


def never_falls(step: int, d_model: int, warmup: int) -> float:
    """Your rate rises without end: after the warm-up it must fall with the inverse square root of the step.

    Hint: what is your rate at step 4 * warmup? It should be half the peak.
    Seen: teaching
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    return d_model**-0.5 * step * warmup**-1.5


def constant_after_warmup(step: int, d_model: int, warmup: int) -> float:
    """Your rate stays at the peak after the warm-up; the paper's falls with the inverse square root of the step.

    Hint: what is your rate at step 4 * warmup? It should be half the peak.
    Seen: teaching
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    return d_model**-0.5 * min(warmup**-0.5, step * warmup**-1.5)


def falls_with_the_step(step: int, d_model: int, warmup: int) -> float:
    """After the warm-up your rate falls with the step itself, not with its square root: training starves early.

    Hint: what is your rate at step 4 * warmup? It should be half the peak.
    Seen: teaching
    """
    if step < 1:
        raise ValueError("steps are counted from 1")
    return (d_model * warmup) ** -0.5 * min(step / warmup, warmup / step)
