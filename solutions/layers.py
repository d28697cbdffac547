"""Unit 4: layers. Norm, feed-forward network and residual connections make the blocks of the paper's figure 1.

Conventions of the course
-------------------------
Tensors are `(batch, length, d_model)`, written (B, T, d); S is the length of the source. Masks are `torch.bool`,
True means "may attend", and they broadcast to `(batch, query length, key length)`. That is the convention of
`F.scaled_dot_product_attention` and the opposite of `nn.MultiheadAttention` and `nn.Transformer`.

Every function and module keeps the dtype and the device of its floating inputs, takes a batch of 1 and a length of 1,
changes none of its inputs in place, and lets gradients through to every floating input and to every parameter.
Modules are deterministic in `eval()`, and have no other parameters than those that `__init__` makes. Inputs are
`torch.float32` or `torch.float64`: in float16 a square overflows from 256 on, where torch's own layer norm computes in
float32.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from .attention import MultiHeadAttention


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """Bring each token's features to mean 0 and variance 1, then scale and shift them (sections 3.1 and 5.4).

    The statistics are those of the last dimension alone: no token sees another token, another sample or another
    batch, so training and evaluation compute the same. With mean μ and variance σ² of one token's d features,

        layer_norm(x) = weight * (x - μ) / √(σ² + eps) + bias

    where σ² is the *biased* variance (the sum of squares is divided by d, not by d - 1) and `eps` stands inside the
    root. The paper only cites layer normalisation (Ba et al., arXiv 1607.06450); `eps` is an addition of all
    implementations, and this is the formula of `torch.nn.LayerNorm`.

    Args:
        x: (..., d), any number of leading dimensions, none included; d = 1 is allowed and gives `bias`.
        weight: (d,), the gain, often written γ.
        bias: (d,), the shift, often written β.
        eps: a small positive number that keeps the root away from 0.

    Returns:
        (..., d), the dtype of `x`.
    """
    ### BEGIN SOLUTION
    mean = x.mean(dim=-1, keepdim=True)  # (..., 1)
    centred = x - mean  # (..., d)
    variance = (centred * centred).mean(dim=-1, keepdim=True)  # (..., 1), divided by d: the biased one
    return weight * centred / torch.sqrt(variance + eps) + bias
    ### END SOLUTION


class FeedForward(nn.Module):
    """Two linear maps with a ReLU between them, applied to each position alone (section 3.3).

    FFN(x) = max(0, x W₁ + b₁) W₂ + b₂. Every position goes through the same two maps and none sees another, so
    permuting the positions of the input permutes the output. Nothing follows the second map, and there is no dropout
    inside: section 5.4 puts dropout on the outputs of sub-layers.

    Args:
        d_model: width of input and output; 512 in the paper's base model.
        d_ff: width in between; 2048 in the paper's base model.
    """

    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(d_model, d_ff)
        self.fc2 = nn.Linear(d_ff, d_model)

    def forward(self, x: Tensor) -> Tensor:
        """Transform each position of x (B, T, d_model) into (B, T, d_model)."""
        ### BEGIN SOLUTION
        hidden = torch.relu(self.fc1(x))  # (B, T, d_ff)
        return self.fc2(hidden)  # (B, T, d_model)
        ### END SOLUTION


def add_and_norm(
    x: Tensor,
    sublayer: Callable[[Tensor], Tensor],
    norm: Callable[[Tensor], Tensor],
    dropout: Callable[[Tensor], Tensor],
    pre_norm: bool = False,
) -> Tensor:
    """Wrap a sub-layer in its residual connection, dropout and layer norm (section 3.1, dropout in 5.4).

    The paper normalises after the addition ("post-norm"):

        norm(x + dropout(sublayer(x)))

    Most models since GPT-2 normalise what enters the sub-layer instead ("pre-norm"), which leaves the residual path
    free of norms and trains well without warm-up:

        x + dropout(sublayer(norm(x)))

    Dropout falls on the sub-layer's output alone, never on the sum. `sublayer`, `norm` and `dropout` are any callables,
    not only modules; each is called exactly once, with one tensor (the sub-layer may be expensive, or random), and may
    return the very tensor that it was given.

    Args:
        x: (B, T, d), or any other shape that the callables take; not changed in place.
        sublayer: maps a tensor to one of the same shape, such as `lambda y: attention(y, y, y, mask)`.
        norm: maps a tensor to one of the same shape, such as an `nn.LayerNorm(d)`.
        dropout: maps a tensor to one of the same shape, such as an `nn.Dropout(0.1)`.
        pre_norm: False for the paper's order, True for the later one.

    Returns:
        A tensor of the shape and dtype of `x`.
    """
    ### BEGIN SOLUTION
    if pre_norm:
        return x + dropout(sublayer(norm(x)))
    return norm(x + dropout(sublayer(x)))
    ### END SOLUTION


class EncoderLayer(nn.Module):
    """Self-attention, then the feed-forward network, each inside `add_and_norm` (section 3.1, figure 1, left).

    Self-attention takes queries, keys and values from the same tensor: what enters the sub-layer (so in pre-norm all
    three are normalised, while the residual is not). `norm1` belongs to attention, `norm2` to the feed-forward network;
    `dropout` falls on the output of both sub-layers. With dropout 0 or in `eval()` it computes what torch's
    `nn.TransformerEncoderLayer(norm_first=pre_norm)` computes; in training torch also drops attention weights and
    hidden units, which section 5.4 of the paper does not. (Section 6.3 names a dropout of attention for parsing.)

    Args:
        d_model, num_heads, d_ff: sizes; `num_heads` divides `d_model`.
        dropout: probability of dropping an entry of a sub-layer's output, in training only.
        pre_norm: where the norms stand; see `add_and_norm`.
    """

    def __init__(self, d_model: int, num_heads: int, d_ff: int, dropout: float = 0.0, pre_norm: bool = False) -> None:
        super().__init__()
        self.self_attn = MultiHeadAttention(d_model, num_heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.pre_norm = pre_norm

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Let the positions of x (B, T, d) exchange what they know.

        `mask` is boolean, (1|B, 1|T, T), True where a query (row) may attend to a key (column); None lets every
        position attend to every other. The result is (B, T, d).
        """
        ### BEGIN SOLUTION
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, mask), self.norm1, self.dropout, self.pre_norm)
        return add_and_norm(x, self.feed_forward, self.norm2, self.dropout, self.pre_norm)
        ### END SOLUTION


class DecoderLayer(nn.Module):
    """Masked self-attention, cross-attention, feed-forward network (section 3.1, figure 1, right).

    Three sub-layers in this order, each inside a post-norm `add_and_norm` with `norm1`, `norm2` and `norm3`:

    1. `self_attn`: queries, keys and values from the decoder's own tensor, under `causal_mask`;
    2. `cross_attn`: queries from the decoder ("what has been written so far"), keys and values from the encoder's
       output ("what has been read"), under `cross_mask` (section 3.2.3);
    3. `feed_forward`.

    `encoder_output` is used as it comes: it passes through no norm of this layer. In `eval()` this is what torch's
    `nn.TransformerDecoderLayer` computes.

    Args:
        d_model, num_heads, d_ff: sizes; `num_heads` divides `d_model`.
        dropout: probability of dropping an entry of a sub-layer's output, in training only.
    """

    def __init__(self, d_model: int, num_heads: int, d_ff: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.self_attn = MultiHeadAttention(d_model, num_heads)
        self.cross_attn = MultiHeadAttention(d_model, num_heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, causal_mask: Tensor | None, encoder_output: Tensor, cross_mask: Tensor | None
    ) -> Tensor:
        """Let what has been written (x) look at itself and at what has been read (encoder_output).

        Args:
            x: (B, T, d), the decoder's side.
            causal_mask: boolean (1|B, 1|T, T), True where position i of x may attend to position j of x.
                None: everywhere.
            encoder_output: (B, S, d), the encoder's side; S may differ from T.
            cross_mask: boolean (1|B, 1|T, S), True where position i of x may attend to source position j.
                None: everywhere.

        Returns:
            (B, T, d).
        """
        ### BEGIN SOLUTION
        x = add_and_norm(x, lambda y: self.self_attn(y, y, y, causal_mask), self.norm1, self.dropout)
        x = add_and_norm(
            x, lambda y: self.cross_attn(y, encoder_output, encoder_output, cross_mask), self.norm2, self.dropout
        )
        return add_and_norm(x, self.feed_forward, self.norm3, self.dropout)
        ### END SOLUTION
