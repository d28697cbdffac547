"""Unit 5: models. The three Transformers: one that reads, one that writes, and one that does both.

Conventions of the course
-------------------------
Tokens are int64, `(batch, length)`; hidden states are `(batch, length, d_model)`, written (B, T, d); S is the length of
the source, V the size of the vocabulary. Masks are `torch.bool`, True means "may attend".

The id `pad_id` is reserved for padding. Padding may stand anywhere, also on the left, and what a model computes *at* a
padded position is nobody's business: nothing is asked of it, and no other position may depend on it.

The padding mask is needed in three places: in the encoder's self-attention, in cross-attention, and in the loss (in
unit 6). The decoder's self-attention needs the causal mask; `decoder_mask` adds padding to it, which matters when there
is padding on the left.
"""

import torch
from torch import Tensor, nn

from .layers import DecoderLayer, EncoderLayer
from .masks import cross_mask, decoder_mask, padding_mask
from .positions import PositionalEncoding, TokenEmbedding


class EncoderTransformer(nn.Module):
    """Reads a sequence and gives one answer about it: embedding, positions, encoder layers, mean, linear head.

    This is the left half of figure 1 with a classifier on top (the paper has none; BERT made the idea popular). Every
    layer gets the padding mask; the mean runs over the real tokens only, so appending padding changes nothing (padding
    before or between tokens moves them to other positions). A
    sequence of nothing but padding pools to zeros, so that its logits are `head.bias`, with finite gradients.

    The result are logits: no softmax, since the cross-entropy loss applies its own.

    Args:
        vocab_size, num_classes: number of token ids, number of answers.
        d_model, num_heads, num_layers, d_ff: sizes.
        max_len: longest sequence; `PositionalEncoding` raises ValueError beyond it.
        dropout: for the sum of embeddings and positions, and for every sub-layer's output (section 5.4).
        pad_id: the token id that means padding.
    """

    def __init__(
        self,
        vocab_size: int,
        num_classes: int,
        d_model: int,
        num_heads: int,
        num_layers: int,
        d_ff: int,
        max_len: int,
        dropout: float = 0.0,
        pad_id: int = 0,
    ) -> None:
        super().__init__()
        self.pad_id = pad_id
        self.token_embedding = TokenEmbedding(vocab_size, d_model)
        self.positional_encoding = PositionalEncoding(d_model, max_len, dropout)
        self.layers = nn.ModuleList(EncoderLayer(d_model, num_heads, d_ff, dropout) for _ in range(num_layers))
        self.head = nn.Linear(d_model, num_classes)

    def forward(self, tokens: Tensor) -> Tensor:
        """Classify each sequence of tokens (B, T); returns logits (B, num_classes)."""
        # YOUR CODE HERE
        raise NotImplementedError()


class DecoderTransformer(nn.Module):
    """Writes: the logits at position t guess token t + 1 from tokens 0 to t, and from nothing later (a GPT).

    A decoder without an encoder needs no cross-attention, so its layers are `EncoderLayer`s under `decoder_mask`
    (causal and padding). After the last layer comes `final_norm`: pre-norm leaves the residual path unnormalised, and
    needs it; post-norm does not, and has `nn.Identity` there.

    The output projection is the embedding table itself (section 3.4): logits are `hidden @ table.T` with the unscaled
    `token_embedding.embedding.weight`, no bias, no softmax, no copy; its gradient comes from both uses.

    Args:
        vocab_size: number of token ids, V.
        d_model, num_heads, num_layers, d_ff: sizes.
        max_len: longest sequence.
        dropout: for the sum of embeddings and positions, and for every sub-layer's output (section 5.4).
        pad_id: the token id that means padding.
        pre_norm: False for the paper's order, True for GPT-2's.
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        num_heads: int,
        num_layers: int,
        d_ff: int,
        max_len: int,
        dropout: float = 0.0,
        pad_id: int = 0,
        pre_norm: bool = False,
    ) -> None:
        super().__init__()
        self.pad_id = pad_id
        self.token_embedding = TokenEmbedding(vocab_size, d_model)
        self.positional_encoding = PositionalEncoding(d_model, max_len, dropout)
        self.layers = nn.ModuleList(
            EncoderLayer(d_model, num_heads, d_ff, dropout, pre_norm) for _ in range(num_layers)
        )
        self.final_norm = nn.LayerNorm(d_model) if pre_norm else nn.Identity()

    def forward(self, tokens: Tensor) -> Tensor:
        """Guess the next token at every position of tokens (B, T); returns logits (B, T, V).

        The logits of a prefix do not depend on what follows it: `model(tokens[:, :t])` equals `model(tokens)[:, :t]`.
        Batches of different lengths and paddings may follow one another in any order.
        """
        # YOUR CODE HERE
        raise NotImplementedError()


class Transformer(nn.Module):
    """The paper's model: an encoder that reads the source, a decoder that writes the target (figure 1).

    One embedding table serves the source, the target and the output projection (section 3.4): it is the same parameter
    three times, never a copy, and its gradient is the sum over the three uses. Everything is post-norm. `encode` and
    `decode` are separate methods since generation reads the source once and writes many times.

    The decoder's input is the target shifted right: targets `[y, EOS, PAD]` go with inputs `[BOS, y, EOS]`. The
    *caller* shifts (`shift_right`, in unit 6); this class takes the input as it comes.

    Args:
        vocab_size: number of token ids, V, shared by both languages.
        d_model, num_heads, num_layers, d_ff: sizes; `num_layers` layers in the encoder, and as many in the decoder.
        max_len: longest sequence, on either side.
        dropout: for the sums of embeddings and positions, and for every sub-layer's output (section 5.4).
        pad_id: the token id that means padding, on either side.
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        num_heads: int,
        num_layers: int,
        d_ff: int,
        max_len: int,
        dropout: float = 0.0,
        pad_id: int = 0,
    ) -> None:
        super().__init__()
        self.pad_id = pad_id
        self.token_embedding = TokenEmbedding(vocab_size, d_model)
        self.positional_encoding = PositionalEncoding(d_model, max_len, dropout)
        self.encoder_layers = nn.ModuleList(EncoderLayer(d_model, num_heads, d_ff, dropout) for _ in range(num_layers))
        self.decoder_layers = nn.ModuleList(DecoderLayer(d_model, num_heads, d_ff, dropout) for _ in range(num_layers))

    def encode(self, source: Tensor) -> Tensor:
        """Read source (B, S); returns the memory (B, S, d), one vector a token: the last encoder layer's output.

        Every layer gets the padding mask of the source.
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        """Guess the next target token at every position of target_input (B, T); returns logits (B, T, V).

        Every layer reads the given memory (B, S, d), which is not computed again. Its self-attention is under
        `decoder_mask` of target_input (causal and padding), its cross-attention under the padding of source (B, S),
        which is used for nothing else. Logits are as in `DecoderTransformer`: the unscaled shared table, no softmax.
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def forward(self, source: Tensor, target_input: Tensor) -> Tensor:
        """Read source (B, S), then guess what follows each token of target_input (B, T); returns logits (B, T, V)."""
        # YOUR CODE HERE
        raise NotImplementedError()
