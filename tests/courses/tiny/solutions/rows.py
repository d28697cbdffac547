"""Rows of numbers."""

from torch import Tensor


def double(x: Tensor) -> Tensor:
    """Twice x: any shape, any floating dtype."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


def row_sums(x: Tensor) -> Tensor:
    """The sum of each row: x (B, T) -> (B,). Raises ValueError unless x has two axes."""
    ### BEGIN SOLUTION
    if x.dim() != 2:
        raise ValueError(f"x must have the shape (B, T), not {tuple(x.shape)}")
    return x.sum(dim=-1)  # (B,)
    ### END SOLUTION
