"""Unit 2: attention. Every position asks, every position answers, and the answers are averaged (section 3.2).

Conventions of the course
-------------------------
Tensors are `(batch, length, d_model)`. B is the batch, Q the number of queries, K the number of keys and of their
values, H the number of heads. Heads live in the batch: `(batch * heads, length, head_dim)`, and head h of sample b is
row b * H + h.

**Masks are `torch.bool`, True means "may attend", and they broadcast to `(batch, query length, key length)`.** That is
the convention of `F.scaled_dot_product_attention` and the opposite of `nn.MultiheadAttention` and `nn.Transformer`,
where True means "hidden": a mask that is moved between the two must be inverted.

Every function and module keeps the dtype and the device of its floating inputs, takes a batch of 1 and lengths of 1,
changes none of its inputs in place, lets gradients through to every floating input and to every parameter, and never
makes a gradient that is not finite. Inputs are `torch.float32` or `torch.float64`; half precision is asked for in
`masked_softmax` alone. (Elsewhere sums of products may leave the range of float16, which ends at 65504.)
"""

import math

import torch
from torch import Tensor, nn


def masked_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Turn each row of scores into weights that sum to 1 over the keys that may be attended to (section 3.2.1).

    weight_j = exp(score_j) / Σ exp(score_i), where the sum runs over the allowed keys i of the row alone; a key that is
    not allowed gets a weight of exactly 0, whatever its score. The paper does it by "masking out (setting to −∞) all
    values in the input of the softmax which correspond to illegal connections" (section 3.2.3).

    - A row without any allowed key (a sentence of padding only, say) becomes all zeros, with finite gradients. The
      paper leaves this case open; a plain softmax over nothing but −∞ would give NaN.
    - Scores of any size are fine, say ±10 000, also where a forbidden score is far above all the allowed ones, or one
      row far above the others.
    - Half precision works too: `torch.float16` and `torch.bfloat16`, besides `torch.float32` and `torch.float64`.

    Args:
        scores: floating, (..., Q, K) with any number of leading dimensions, none included; all finite.
        mask: bool, two or more dimensions, broadcastable to the shape of `scores`, True = may attend. None allows
            every key.

    Returns:
        (..., Q, K), the dtype of `scores`. Each row along the last dimension sums to 1, or is all zeros.
    """
    ### BEGIN SOLUTION
    if mask is None:
        return torch.softmax(scores, dim=-1)
    forbidden = ~mask
    # The lowest finite number of this dtype, not −∞: a row with nothing allowed then stays free of NaN ...
    scores = scores.masked_fill(forbidden, torch.finfo(scores.dtype).min)
    weights = torch.softmax(scores, dim=-1)  # (..., Q, K)
    # ... and is uniform over forbidden keys, until this line takes those weights away. Other rows have them 0 already.
    return weights.masked_fill(forbidden, 0.0)
    ### END SOLUTION


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Average the values, each weighted by how well its key answers the query: softmax(QKᵀ / √d_k) V (equation 1).

    If the entries of two vectors are independent, with mean 0 and variance 1, their dot product has variance d_k.
    Dividing by √d_k brings it back to 1. Without that, the authors suspect, wide vectors push the softmax into regions
    where it has extremely small gradients (section 3.2.1). The softmax is that of `masked_softmax`: it runs over the
    keys, forbidden keys get a weight of exactly 0, a query without any allowed key gets an output of zeros with finite
    gradients, and large scores do no harm.

    Args:
        query: floating, (..., Q, d_k), any number of leading dimensions, none included.
        key: (..., K, d_k), the same leading dimensions.
        value: (..., K, d_v), the same leading dimensions; d_v may differ from d_k, and Q from K.
        mask: bool, two or more dimensions, broadcastable to (..., Q, K), True = may attend. None allows every key.

    Returns:
        The pair (output, weights): output (..., Q, d_v), weights (..., Q, K), in the dtype of the inputs.
    """
    ### BEGIN SOLUTION
    d_k = query.size(-1)
    scores = query @ key.transpose(-2, -1) / math.sqrt(d_k)  # (..., Q, K)
    weights = masked_softmax(scores, mask)  # (..., Q, K)
    return weights @ value, weights  # (..., Q, d_v), (..., Q, K)
    ### END SOLUTION


def split_heads(x: Tensor, num_heads: int) -> Tensor:
    """Cut each token's features into one block per head, and give every head a row of the batch (section 3.2.2).

    Head h of sample b becomes row b * num_heads + h. It holds all T tokens of that sample, in order, and of each token
    the features h * d, ..., (h + 1) * d - 1 with d = d_model / num_heads. Which features a head gets is a convention
    (any fixed partition learns as well); this is the one of torch's own layer, so weights can be exchanged with it.

    Args:
        x: (B, T, d_model), contiguous or not (it may be a transposed view).
        num_heads: H, a divisor of d_model.

    Returns:
        (B * H, T, d_model / H), the dtype of `x`.

    Raises:
        ValueError: if d_model is not a multiple of `num_heads`.
    """
    ### BEGIN SOLUTION
    batch, length, d_model = x.shape
    if d_model % num_heads:
        raise ValueError(f"d_model must be a multiple of num_heads, but {d_model} is not a multiple of {num_heads}")
    head_dim = d_model // num_heads
    x = x.reshape(batch, length, num_heads, head_dim)  # (B, T, H, d): each token in H blocks
    x = x.transpose(1, 2)  # (B, H, T, d): each head with all its tokens
    return x.reshape(batch * num_heads, length, head_dim)  # (B * H, T, d)
    ### END SOLUTION


def merge_heads(x: Tensor, num_heads: int) -> Tensor:
    """Put the heads of each token side by side again: the inverse of `split_heads` (Concat in section 3.2.2).

    The heads are concatenated along the features, head 0 first: `merge_heads(split_heads(x, H), H)` equals `x`.

    Args:
        x: (B * H, T, d), row b * H + h is head h of sample b; contiguous or not.
        num_heads: H, a divisor of the first dimension.

    Returns:
        (B, T, H * d), the dtype of `x`.

    Raises:
        ValueError: if the first dimension is not a multiple of `num_heads`.
    """
    ### BEGIN SOLUTION
    rows, length, head_dim = x.shape
    if rows % num_heads:
        raise ValueError(f"the first dimension must be a multiple of num_heads, but {rows} is not one of {num_heads}")
    batch = rows // num_heads
    x = x.reshape(batch, num_heads, length, head_dim)  # (B, H, T, d)
    x = x.transpose(1, 2)  # (B, T, H, d): each token with all its heads
    return x.reshape(batch, length, num_heads * head_dim)  # (B, T, H * d)
    ### END SOLUTION


class MultiHeadAttention(nn.Module):
    """Let several heads attend at once, each in a subspace of its own, and mix what they found (section 3.2.2).

    MultiHead(Q, K, V) = Concat(head_1, ..., head_H) W_O with head_i = Attention(Q W_Q,i, K W_K,i, V W_V,i). The H small
    projections of one role are computed as one `nn.Linear(d_model, d_model)`, whose output `split_heads` cuts; so each
    head works with d_k = d_v = d_model / H features, and √d_k is that of one head. The linear maps have a bias, as
    torch's layer has (the paper writes plain matrices), and nothing else is inside: no residual, no norm, no dropout
    (section 5.4 puts dropout on the outputs of sub-layers; torch's layer can also drop attention weights).

    Self-attention passes one tensor three times. Cross-attention passes the decoder's as `query` and the encoder's
    output as `key` and `value`; the lengths Q and K may differ. Queries are made from `query` alone, keys from `key`
    alone and values from `value` alone, also where all three have the same length.

    Args:
        d_model: width of inputs and output; 512 in the paper's base model.
        num_heads: H, a divisor of d_model; 8 in the paper.

    Shapes of `forward(query, key, value, mask=None)`:
        query: (B, Q, d_model).
        key, value: (B, K, d_model).
        mask: bool (1 or B, 1 or Q, K), True = may attend; the same for all heads of a sample. None allows every key.
            A query without any allowed key gets zeros from every head, so its output is the bias of `output_linear`.
        returns: (B, Q, d_model).
    """

    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query_linear = nn.Linear(d_model, d_model)
        self.key_linear = nn.Linear(d_model, d_model)
        self.value_linear = nn.Linear(d_model, d_model)
        self.output_linear = nn.Linear(d_model, d_model)

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        ### BEGIN SOLUTION
        query = split_heads(self.query_linear(query), self.num_heads)  # (B * H, Q, d_k)
        key = split_heads(self.key_linear(key), self.num_heads)  # (B * H, K, d_k)
        value = split_heads(self.value_linear(value), self.num_heads)  # (B * H, K, d_k)
        if mask is not None and mask.size(0) > 1:
            # Rows b * H, ..., b * H + H - 1 belong to sample b: each sample's mask H times in a row, not the batch's.
            mask = mask.repeat_interleave(self.num_heads, dim=0)  # (B * H, 1 or Q, K)
        output, _ = scaled_dot_product_attention(query, key, value, mask)  # (B * H, Q, d_k)
        return self.output_linear(merge_heads(output, self.num_heads))  # (B, Q, d_model)
        ### END SOLUTION
