"""What goes wrong with row_sums, written in full."""

from torch import Tensor

# Variants that are the same function: the first of a group gives the name. It is one of the patches.
EQUAL = [("sums_everything", "sums_twice")]


def sums_twice(x: Tensor) -> Tensor:
    """You summed the rows and then their sums.

    Hint: how many numbers should come out?
    Seen: the tests of the engine
    """
    if x.dim() != 2:
        raise ValueError
    return x.sum(dim=-1).sum()
