"""What goes wrong with double."""

from torch import Tensor


def halves(x: Tensor) -> Tensor:
    """You divided by two where you had to multiply.

    Hint: is your result larger or smaller than x?
    Seen: the tests of the engine
    """
    return x / 2


def squares(x: Tensor) -> Tensor:
    """You squared x: that is twice x for one number only.

    Hint: try it on 3.
    Seen: the tests of the engine
    """
    return x**2


def detached(x: Tensor) -> Tensor:
    """Your numbers are right, but no gradient flows through them.

    Hint: who calls detach?
    Seen: the tests of the engine
    """
    return 2 * x.detach()
