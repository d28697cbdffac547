"""Masks and targets: who may look at whom, and what the decoder is fed (sections 3.1 and 3.2.3).

A mask answers one question for every query and every key: may this query attend to this key?

- **Masks are `torch.bool`, True means "may attend", and they broadcast to `(batch, query_len, key_len)`.**
- That is the convention of `torch.nn.functional.scaled_dot_product_attention`. `nn.MultiheadAttention` and
  `nn.Transformer` use the opposite one (True means "hidden"), so a mask that is moved between the two is inverted.
- A Transformer needs the padding mask in three places: in the encoder's self-attention, in the cross-attention of
  the decoder, and in the loss, where padded targets must not count.

Every function accepts batch 1 and length 1, works on the device of its arguments, never changes them in place, and
returns a fresh tensor: what the caller does to a result must not change a later one.
"""

import torch
from torch import Tensor


def padding_mask(tokens: Tensor, pad_id: int) -> Tensor:
    """Allow attention to every key that is a token, and to none that is padding.

    The sequences of a batch differ in length; the short ones are filled up with `pad_id`. What stands there has no
    meaning, so no query may attend to it. The axis of queries has size 1: the answer is the same for all of them.

    Args:
        tokens: integers of any dtype, `(B, K)`.
        pad_id: the id that stands for padding: any integer that the dtype of `tokens` can hold, not only 0. Padding
            may be on the left, on the right, in between, or absent.

    Returns:
        bool `(B, 1, K)`, True where the key is not padding.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def causal_mask(length: int, device: torch.device | str | None = None) -> Tensor:
    """Allow each position to attend to itself and to everything before it (section 3.2.3).

    With this mask all positions of a target can be trained at once, and yet none of them sees what comes after it.

    Args:
        length: number of positions T, 0 or more.
        device: where to make the mask (it is tried with "meta", too, where tensors have no values); None means
            torch's default device.

    Returns:
        bool `(1, T, T)`, True on and below the diagonal: query t may attend to the keys 0, ..., t. The first axis
        has size 1, since the mask is the same for every sample.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def decoder_mask(tokens: Tensor, pad_id: int) -> Tensor:
    """Combine the two conditions of the decoder's self-attention: the key is not padding, and not in the future.

    Only keys are masked. What a padded *query* computes is ignored later, so it needs no mask. Padding on the left
    leaves rows in which nothing may be attended to (the first query sees one key only, and that is padding); they
    stay all False, and attention gives them zero output.

    Args:
        tokens: the decoder's input, integers of any dtype, `(B, T)`.
        pad_id: the id that stands for padding.

    Returns:
        bool `(B, T, T)`, True where both `padding_mask` and `causal_mask` allow it.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def cross_mask(source: Tensor, target: Tensor, pad_id: int) -> Tensor:
    """Allow every position of the target to attend to every source token that is not padding (section 3.2.3).

    In cross-attention the queries come from what has been written so far, and the keys from what has been read.
    The whole source is known from the start, so nothing of it is in the future; and only keys are masked, so the
    padding of the target plays no role. The target gives nothing but its length.

    Args:
        source: integers of any dtype, `(B, S)`.
        target: integers of any dtype, `(B, T)`; S and T may differ.
        pad_id: the id that stands for padding.

    Returns:
        bool `(B, T, S)`, in full: every one of the T rows of a sample is the same.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def shift_right(tokens: Tensor, bos_id: int) -> Tensor:
    """Turn the target into the decoder's input: begin with BOS, and move every token one place to the right.

    At position t the decoder predicts `tokens[:, t]`; so that it may see only what comes before, it is fed
    `tokens[:, t - 1]` there, and a marker for the beginning of the sequence (BOS) at position 0 (section 3.1: "the
    output embeddings are offset by one position"). The target itself stays as it is: for a target `[y, EOS, PAD]`
    the input is `[BOS, y, EOS]`.

    Args:
        tokens: the target, integers of any dtype, `(B, T)` with T at least 1.
        bos_id: the id that marks the beginning of a sequence.

    Returns:
        `(B, T)`, in the dtype of `tokens`: column 0 is `bos_id`, column t is `tokens[:, t - 1]`. The last token of
        each row is dropped.
    """
    # YOUR CODE HERE
    raise NotImplementedError()
