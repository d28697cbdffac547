"""What goes wrong with warmup_rate."""


def first_update_lost(step: int, peak: float, warmup: int) -> float:
    """You count updates from 0 and use that number as it is: the first update has the rate 0 and changes nothing.

    Hint: which number has the very first update in the formula, and which in the argument?
    Seen: self-critical.pytorch 171
    """
    return peak * step / warmup if step < warmup else peak * (warmup / step) ** 0.5


def first_update_twice(step: int, peak: float, warmup: int) -> float:
    """You only lifted the first update off 0: it now has the rate of the second, and all others are still one late.

    Hint: print the rates of the first four updates. What are the steps between them?
    """
    step = max(step, 1)
    return peak * step / warmup if step < warmup else peak * (warmup / step) ** 0.5


def only_the_rise_moved(step: int, peak: float, warmup: int) -> float:
    """You moved the rise by one and left the fall where it was: from the peak on, every rate is one update late.

    Hint: which update has the peak, and which is the first after it? Both have a rate of their own.
    """
    return peak * (step + 1) / warmup if step < warmup else peak * (warmup / step) ** 0.5


def only_the_fall_moved(step: int, peak: float, warmup: int) -> float:
    """You moved the fall by one and left the rise where it was: the first update still changes nothing.

    Hint: what is the rate of update 0?
    """
    return peak * step / warmup if step < warmup else peak * (warmup / (step + 1)) ** 0.5


def warm_up_longer_by_one(step: int, peak: float, warmup: int) -> float:
    """You made the warm-up one update longer too, so that the peak comes one late.

    Hint: what is the rate of update warmup - 1?
    """
    warmup, number = warmup + 1, step + 1
    return peak * number / warmup if number < warmup else peak * (warmup / number) ** 0.5


def counted_from_two(step: int, peak: float, warmup: int) -> float:
    """You added 2 where 1 was missing.

    Hint: what is the rate of update 0?
    """
    number = step + 2
    return peak * number / warmup if number < warmup else peak * (warmup / number) ** 0.5


def never_falls(step: int, peak: float, warmup: int) -> float:
    """The rate stays at its peak: the fall is lost.

    Hint: what is the rate at four times the warm-up?
    """
    return peak * min(step + 1, warmup) / warmup


def never_stops_rising(step: int, peak: float, warmup: int) -> float:
    """The rate rises for ever: the fall is lost.

    Hint: what is the rate at four times the warm-up?
    """
    return peak * (step + 1) / warmup


def falls_without_root(step: int, peak: float, warmup: int) -> float:
    """The rate falls as 1 / n; the root is lost.

    Hint: at four times the warm-up it should be half of the peak.
    """
    number = step + 1
    return peak * min(number / warmup, warmup / number)
