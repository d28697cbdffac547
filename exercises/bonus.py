"""Bonus: when to stop, how to decode quickly, and what depends on what.

Three tools around the model. Early stopping is what many people do where the paper averages its last checkpoints
(section 6.1). Caching keys and values is what makes generation affordable: without it, every new token repeats the work
of all the tokens before it. And a matrix of dependencies, found by differentiating, shows what a mask really does,
which no loss curve does.
"""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .attention import merge_heads, scaled_dot_product_attention, split_heads
from .masks import causal_mask


class EarlyStopping:
    """Say when training has stopped to help, and keep the best state that was seen. (compare section 6.1)

    A loss is an improvement if it is below `best_loss - min_delta`: an equal loss is none, and NaN is none.

    Args:
        patience: this many updates in a row without improvement, and it is time to stop; at least 1.
        min_delta: by how much a loss must fall below the best one to count, at least 0.

    Attributes:
        best_loss: the loss of the last improvement; infinity before the first.
        best_state: a deep copy of the state given with it; None before the first.
    """

    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        self.patience = patience
        self.min_delta = min_delta
        self.best_loss = float("inf")
        self.best_state: dict[str, Any] | None = None
        self.waited = 0  # updates since the last improvement

    def update(self, loss: float, state: dict[str, Any] | None = None) -> bool:
        """Take note of the loss (of held-out data, after an epoch, say) and of the model's state dict.

        On an improvement `best_loss` becomes `loss`, and a given state is kept in `best_state` as a deep copy: a
        state dict shares its tensors with the model, which goes on to train.

        Args:
            loss: a Python float, possibly NaN.
            state: what to keep if this is the best so far, such as `model.state_dict()`.

        Returns:
            True (stop now) if the number of updates since the last improvement (since the start, if there was none)
            has reached `patience`, else False.
        """
        # YOUR CODE HERE
        raise NotImplementedError()


class CachedSelfAttention(nn.Module):
    """Causal multi-head self-attention that reads a sequence piece by piece. (section 3.2.3)

    In causal self-attention the keys and values of earlier positions do not depend on later ones, so they can be kept
    instead of being computed again. Reading a sequence in pieces, of any lengths, gives the same outputs, and the same
    gradients, as `MultiHeadAttention` gives for all of it at once under a causal mask. The linears bear the same names,
    so that trained weights fit.

    Args:
        d_model: width of the tokens, a multiple of `num_heads`.
        num_heads: number of heads.
    """

    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query_linear = nn.Linear(d_model, d_model)
        self.key_linear = nn.Linear(d_model, d_model)
        self.value_linear = nn.Linear(d_model, d_model)
        self.output_linear = nn.Linear(d_model, d_model)

    def step(self, x_new: Tensor, cache: Any = None) -> tuple[Tensor, Any]:
        """Read the next n tokens of each sequence, after those that the cache remembers.

        New token i (from 0) may attend to all m remembered tokens and to the new tokens 0..i. The old tokens are not
        projected again: they are not at hand any more.

        Args:
            x_new: (B, n, d_model) with n >= 1.
            cache: what an earlier `step` of the same sequences returned; None at their start. It is never changed, so
                that one may go on from it twice in different ways (as a beam search does).

        Returns:
            The outputs of the new tokens, (B, n, d_model), and the cache for the next step, which may hold whatever
            you need. Gradients flow through the cache to the tokens that were read before.
        """
        # YOUR CODE HERE
        raise NotImplementedError()


def dependency_matrix(f: Callable[[Tensor], Tensor], length: int, d: int) -> Tensor:
    """Find by automatic differentiation which outputs of `f` depend on which inputs. (compare section 4, Table 1)

    Entry (i, j) is True if any feature of output position i has a derivative other than exactly 0 with respect to any
    feature of input position j, however small, at an input drawn from the normal distribution. Try it on your own
    layers, with and without a mask, and on an `nn.RNN`. The shape that you expect is the one that the mask has.

    Beware of reducing an output position to one number by a plain sum: the features may cancel (the sum over the
    features of a LayerNorm is constant, and so, but for its eps, is the sum of their squares).

    Args:
        f: maps (1, T, d) to (1, T, anything) in the default dtype, for T = `length`; it may be called more than once,
            and may ignore some of its input, or all of it. Gradients stored on its parameters are left as they are.
        length: T, at least 1.
        d: number of features of an input position, at least 1.

    Returns:
        (T, T), bool.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def path_length(output: Tensor) -> int:
    """Count the operations on the longest way back from `output` through the autograd graph (given, not graded).

    These are operations that wait for each other, as in the column "Sequential Operations" of Table 1: for a recurrent
    layer their number grows with the length of the sequence, for self-attention it does not. It is not the column
    "Maximum Path Length", which asks how many steps lie between two given positions: attention that is restricted to
    neighbours has no longer chain here, but O(n/r) such steps.

    Args:
        output: a tensor that was computed from something that requires a gradient.

    Returns:
        The number of nodes on the longest chain.

    Raises:
        ValueError: `output` has no graph.
    """
    if output.grad_fn is None:
        raise ValueError("this tensor was not computed from anything that requires a gradient")
    longest = {}
    waiting = [output.grad_fn]
    while waiting:
        node = waiting[-1]
        parents = [parent for parent, _ in node.next_functions if parent is not None]
        unknown = [parent for parent in parents if parent not in longest]
        if unknown:
            waiting.extend(unknown)
        else:
            longest[node] = 1 + max((longest[parent] for parent in parents), default=0)
            waiting.pop()
    return longest[output.grad_fn]
