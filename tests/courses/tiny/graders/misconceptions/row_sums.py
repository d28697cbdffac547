"""What goes wrong with row_sums."""

from torch import Tensor

# Variants that are the same function: the first of a group gives the name.
EQUAL = [("sums_everything", "sums_twice")]


def _refuse(x: Tensor) -> None:
    if x.dim() != 2:
        raise ValueError


def sums_columns(x: Tensor) -> Tensor:
    """You summed each column: the first axis went, not the last.

    Hint: which axis should be left?
    Seen: the tests of the engine
    """
    _refuse(x)
    return x.sum(dim=0)


def sums_everything(x: Tensor) -> Tensor:
    """You summed all the numbers to one.

    Hint: how many numbers should come out?
    Seen: the tests of the engine
    """
    _refuse(x)
    return x.sum()


def sums_twice(x: Tensor) -> Tensor:
    """You summed the rows and then their sums.

    Hint: how many numbers should come out?
    Seen: the tests of the engine
    """
    _refuse(x)
    return x.sum(dim=-1).sum()


def means(x: Tensor) -> Tensor:
    """You took the mean of each row, not its sum.

    Hint: what is the sum of 1 and 1?
    Seen: the tests of the engine
    """
    _refuse(x)
    return x.mean(dim=-1)


def accepts_any_shape(x: Tensor) -> Tensor:
    """You sum whatever comes; a tensor without two axes must be refused.

    Hint: what should happen to a tensor with three axes?
    Seen: the tests of the engine
    """
    return x.sum(dim=-1)
