"""Tokens and positions: what enters the Transformer (sections 3.4 and 3.5).

A token enters as an integer. It becomes a learned vector of size `d_model`, and because attention itself
cannot tell the first word from the last, a vector that depends on its position alone is added to it.

Conventions of the whole course:

- Sequences of vectors have the shape `(batch, length, d_model)`, written `(B, T, d)`; tokens are integers `(B, T)`.
- Every function and module keeps the device and the dtype of its floating-point inputs, accepts batch 1 and
  length 1, never changes its arguments in place, is differentiable with respect to every floating-point input,
  and returns a fresh tensor: what the caller does to a result must not change a later one.
"""

import math

import torch
from torch import Tensor, nn


class TokenEmbedding(nn.Module):
    """Look up a learned vector for every token and multiply it by √d_model (section 3.4).

    The table is used a second time, in later units, as the matrix that turns hidden states into logits. For that
    its entries must be small: they start with mean 0 and standard deviation d_model^(-1/2) (given below). As an
    input such a vector would drown in the positions that are added to it, so the looked-up rows are multiplied by
    √d_model on the way out, which gives them unit variance. The table itself is left as it is: calling the
    module twice gives the same result twice.

    Args:
        vocab_size: number of different tokens; tokens are integers in `[0, vocab_size)`.
        d_model: size of a token's vector.

    Attributes:
        embedding: `nn.Embedding(vocab_size, d_model)`, the only parameters of this module.
    """

    def __init__(self, vocab_size: int, d_model: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, d_model)
        nn.init.normal_(self.embedding.weight, mean=0.0, std=d_model**-0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        """Embed the tokens.

        Args:
            tokens: int64 `(B, T)`.

        Returns:
            `(B, T, d_model)`, in the dtype of the table: row `tokens[b, t]` of the table, times √d_model.
        """
        ### BEGIN SOLUTION
        d_model = self.embedding.embedding_dim
        return self.embedding(tokens) * math.sqrt(d_model)  # (B, T, d_model)
        ### END SOLUTION


def positional_encoding(length: int, d_model: int) -> Tensor:
    """Tabulate the sinusoidal positional encoding (section 3.5).

    For the position pos = 0, 1, ..., length - 1 and the pair of columns i = 0, 1, 2, ...:

        PE(pos, 2i)     = sin(pos / 10000^(2i / d_model))
        PE(pos, 2i + 1) = cos(pos / 10000^(2i / d_model))

    The sine and the cosine of a pair share one angle, so moving k positions on is one fixed rotation of every pair.
    The wavelengths run from 2π in the first pair to 2π · 10000^((d_model - 2) / d_model) in the last (if d_model is
    even; to 2π · 10000^((d_model - 1) / d_model) if it is odd).
    The paper does not say whether positions begin at 0 or 1; here they begin at 0, so that row 0 reads 0, 1, 0, 1, ...

    Args:
        length: number of positions, 0 or more.
        d_model: number of columns, 1 or more. If it is odd, the last pair has only its sine.

    Returns:
        float32 `(length, d_model)`, a fresh tensor at every call; `(0, d_model)` if `length` is 0. It is compared
        at lengths of up to 64 positions, where float32 arithmetic is good to 4e-6.
    """
    ### BEGIN SOLUTION
    position = torch.arange(length, dtype=torch.float64).unsqueeze(1)  # (length, 1)
    two_i = torch.arange(0, d_model, 2, dtype=torch.float64)  # one entry a pair: 0, 2, 4, ...
    angle = position / 10000 ** (two_i / d_model)  # (length, pairs)

    table = torch.empty(length, d_model, dtype=torch.float32)
    table[:, 0::2] = angle.sin()
    table[:, 1::2] = angle[:, : d_model // 2].cos()  # an odd d_model has one cosine less
    return table
    ### END SOLUTION


class PositionalEncoding(nn.Module):
    """Add the positional encoding to a batch of embedded tokens, then apply dropout (sections 3.5 and 5.4).

    Args:
        d_model: size of a token's vector.
        max_len: number of positions that the table holds.
        dropout: probability that an entry of the sum is zeroed in training.

    Attributes:
        table: buffer, float32 `(max_len, d_model)`. A buffer is stored in the state dict and follows `.to()`, but it
            is no parameter: the optimiser never sees it.
        dropout: `nn.Dropout(dropout)`.
    """

    table: Tensor

    def __init__(self, d_model: int, max_len: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("table", positional_encoding(max_len, d_model))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        """Add row `offset + t` of the table to the vector at position t of every sample, then apply dropout.

        Args:
            x: floating point `(B, T, d_model)`.
            offset: position of the first vector of `x` in the whole sequence, 0 or more. Decoding one token at a
                time needs it: the token that comes alone is not at position 0.

        Returns:
            `(B, T, d_model)`, in the dtype of `x`: the rows of the table are cast to it before they are added.
            Dropout acts on the sum, and only in training.

        Raises:
            ValueError: if `offset + T` is greater than `max_len`.
        """
        ### BEGIN SOLUTION
        end = offset + x.size(1)
        max_len = self.table.size(0)
        if end > max_len:
            raise ValueError(f"position {end - 1} is past the end of a table with {max_len} positions")
        position = self.table[offset:end]  # (T, d_model), the same for every sample
        return self.dropout(x + position.to(x.dtype))  # (B, T, d_model)
        ### END SOLUTION
