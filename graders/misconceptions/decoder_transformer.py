"""What goes wrong with DecoderTransformer."""

import torch
from torch import Tensor, nn

from solutions.layers import EncoderLayer
from solutions.masks import causal_mask, decoder_mask, padding_mask
from solutions.models import DecoderTransformer


class _Steps(DecoderTransformer):
    """The right model, cut into steps: each mistake below gets one of them wrong."""

    def embedded(self, tokens: Tensor) -> Tensor:
        return self.positional_encoding(self.token_embedding(tokens))

    def attendable(self, tokens: Tensor) -> Tensor | None:
        return decoder_mask(tokens, self.pad_id)

    def through_layers(self, x: Tensor, mask: Tensor | None) -> Tensor:
        for layer in self.layers:
            x = layer(x, mask)
        return self.final_norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        return hidden @ self.token_embedding.embedding.weight.T

    def forward(self, tokens: Tensor) -> Tensor:
        return self.logits(self.through_layers(self.embedded(tokens), self.attendable(tokens)))


class no_causal(_Steps):
    """Your model sees the words that it should predict: its loss is splendid, and then it writes "cat cat cat".

    Hint: does the answer for a prefix of three words change when you append a fourth?
    """

    def attendable(self, tokens: Tensor) -> Tensor | None:
        return padding_mask(tokens, self.pad_id)


class mask_dropped(_Steps):
    """Your layers get no mask at all: every word sees the words to come, and the padding.

    Hint: does the answer for a prefix of three words change when you append a fourth?
    """

    def attendable(self, tokens: Tensor) -> Tensor | None:
        return None


class padding_ignored(_Steps):
    """You hide the future, but not the padding; that shows as soon as padding stands on the left.

    Hint: put padding before the words. Does what is written at the words depend on the padding's vector?
    """

    def attendable(self, tokens: Tensor) -> Tensor | None:
        return causal_mask(tokens.size(1))


class mask_only_first_layer(_Steps):
    """Only your first layer gets the mask; one layer without it is enough to see the future.

    Hint: does the answer for a prefix of three words change when you append a fourth? With one layer only?
    """

    def through_layers(self, x: Tensor, mask: Tensor | None) -> Tensor:
        for layer in self.layers:
            x = layer(x, mask)
            mask = None
        return self.final_norm(x)


class mask_inverted(_Steps):
    """You invert the mask, so each word sees the future and nothing else: in this course True means "may attend".

    Hint: what does the first row of your mask allow?
    """

    def attendable(self, tokens: Tensor) -> Tensor | None:
        return ~decoder_mask(tokens, self.pad_id)


class zero_not_pad_id(_Steps):
    """You take the id 0 for padding; which id means padding is said in the constructor.

    Hint: try pad_id = 2. Which of your lines knows?
    """

    def attendable(self, tokens: Tensor) -> Tensor | None:
        return decoder_mask(tokens, 0)


class mask_cached_wrong_length(_Steps):
    """You keep the first batch's mask and cut it to size: it fails for longer batches, and hides the wrong padding.

    Hint: call the same model with three words, and then with five.
    """

    def attendable(self, tokens: Tensor) -> Tensor | None:
        if getattr(self, "kept", None) is None:
            self.kept = decoder_mask(tokens, self.pad_id)
        return self.kept[:, : tokens.size(1), : tokens.size(1)]


class head_not_tied(DecoderTransformer):
    """You made an output layer of its own; here the embedding table itself turns hidden states into logits.

    Hint: count the model's parameters.
    """

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, num_layers: int, d_ff: int,
                 max_len: int, dropout: float = 0.0, pad_id: int = 0, pre_norm: bool = False) -> None:  # fmt: skip
        super().__init__(vocab_size, d_model, num_heads, num_layers, d_ff, max_len, dropout, pad_id, pre_norm)
        self.head = nn.Linear(d_model, vocab_size, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        mask = decoder_mask(tokens, self.pad_id)
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(self.final_norm(x))


class tied_by_copy(_Steps):
    """You multiply by a copy of the table: the values are right, but the table learns nothing from the output.

    Hint: how large is the gradient of the row of a token that does not occur in the input?
    """

    def logits(self, hidden: Tensor) -> Tensor:
        return hidden @ self.token_embedding.embedding.weight.detach().clone().T


class input_side_detached(_Steps):
    """The table learns from the output only: somewhere before the layers you cut the embeddings off the graph.

    Hint: which of the two uses of the table sends a gradient back?
    """

    def embedded(self, tokens: Tensor) -> Tensor:
        return self.positional_encoding(self.token_embedding(tokens).detach())


class head_tied_and_scaled(_Steps):
    """You multiply by the scaled table; √d_model belongs to the input only, the logits use the table as it is.

    Hint: how large are the logits of a new model, and what would the loss be then?
    Seen: jadore801120/attention-is-all-you-need-pytorch 138, 210
    """

    def logits(self, hidden: Tensor) -> Tensor:
        table = self.token_embedding.embedding.weight
        return hidden @ table.T * table.size(1) ** 0.5


class head_scaled_down(_Steps):
    """You divide the logits by √d_model; that belongs to attention's scores, the logits stay as they are.

    Hint: which formula of the paper divides by a root?
    Seen: jadore801120/attention-is-all-you-need-pytorch 138, 210
    """

    def logits(self, hidden: Tensor) -> Tensor:
        table = self.token_embedding.embedding.weight
        return hidden @ table.T / table.size(1) ** 0.5


class logits_softmaxed(_Steps):
    """You return probabilities; the loss applies a softmax of its own, and two in a row squeeze the gradients.

    Hint: what do the numbers at one position of your output add up to?
    """

    def logits(self, hidden: Tensor) -> Tensor:
        return super().logits(hidden).softmax(dim=-1)


class logits_log_softmaxed(_Steps):
    """You return logarithms of probabilities; the exercise asks for the logits themselves.

    Hint: can a number of your output be positive?
    """

    def logits(self, hidden: Tensor) -> Tensor:
        return super().logits(hidden).log_softmax(dim=-1)


class last_position_only(_Steps):
    """You return the logits of the last position only; training needs a guess at every position.

    Hint: what is the shape of your output for tokens of shape (2, 5)?
    """

    def logits(self, hidden: Tensor) -> Tensor:
        return super().logits(hidden[:, -1])


class dropout_bypassed(_Steps):
    """You add the table's rows yourself and so pass by the dropout that PositionalEncoding applies to the sum.

    Hint: in train(), with a dropout of 1, what should enter the first layer?
    """

    def embedded(self, tokens: Tensor) -> Tensor:
        return self.token_embedding(tokens) + self.positional_encoding.table[: tokens.size(1)]


class scale_forgotten(_Steps):
    """You look the tokens up in the table itself and so pass by the factor √d_model of TokenEmbedding.

    Hint: what does TokenEmbedding do besides the look-up?
    """

    def embedded(self, tokens: Tensor) -> Tensor:
        return self.positional_encoding(self.token_embedding.embedding(tokens))


class scaled_twice(_Steps):
    """You multiply by √d_model, and so does TokenEmbedding already.

    Hint: what does TokenEmbedding do besides the look-up?
    """

    def embedded(self, tokens: Tensor) -> Tensor:
        x = self.token_embedding(tokens)
        return self.positional_encoding(x * x.size(2) ** 0.5)


class no_position(_Steps):
    """You never add the positions. The causal mask leaks a little of the order, so it learns anyway, but less well.

    Hint: which part of the constructor do you never use?
    """

    def embedded(self, tokens: Tensor) -> Tensor:
        return self.token_embedding(tokens)


class shifts_input(_Steps):
    """You shift the tokens inside the model; whoever calls it has decided already what stands at which position.

    Hint: which token does position 0 see?
    """

    def embedded(self, tokens: Tensor) -> Tensor:
        return super().embedded(torch.cat([torch.ones_like(tokens[:, :1]), tokens[:, :-1]], dim=1))


class final_norm_missing(_Steps):
    """You never apply final_norm; with pre-norm layers nothing else tames the residual path before the logits.

    Hint: which part of the constructor do you never use?
    """

    def through_layers(self, x: Tensor, mask: Tensor | None) -> Tensor:
        for layer in self.layers:
            x = layer(x, mask)
        return x


class final_norm_first(_Steps):
    """You apply final_norm to what enters the layers; it stands after the last one.

    Hint: what does the word "final" say about where it stands?
    """

    def through_layers(self, x: Tensor, mask: Tensor | None) -> Tensor:
        x = self.final_norm(x)
        for layer in self.layers:
            x = layer(x, mask)
        return x


class final_norm_in_every_layer(_Steps):
    """You apply final_norm after every layer; it stands once, after the last one.

    Hint: how many lines of your loop should be indented?
    """

    def through_layers(self, x: Tensor, mask: Tensor | None) -> Tensor:
        for layer in self.layers:
            x = self.final_norm(layer(x, mask))
        return x


class pre_norm_not_passed(DecoderTransformer):
    """Your layers are never told of pre_norm: all of them normalise the sums, whatever the constructor was given.

    Hint: does the constructor's last argument reach the layers?
    """

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, num_layers: int, d_ff: int,
                 max_len: int, dropout: float = 0.0, pad_id: int = 0, pre_norm: bool = False) -> None:  # fmt: skip
        super().__init__(vocab_size, d_model, num_heads, num_layers, d_ff, max_len, dropout, pad_id, pre_norm)
        self.layers = nn.ModuleList(EncoderLayer(d_model, num_heads, d_ff, dropout) for _ in range(num_layers))


class one_layer_only(_Steps):
    """Only your first layer runs; each layer must work on the result of the one before it.

    Hint: how often is x assigned in your loop, and from what?
    """

    def through_layers(self, x: Tensor, mask: Tensor | None) -> Tensor:
        return self.final_norm(self.layers[0](x, mask))


class layers_do_not_chain(_Steps):
    """Each of your layers starts from the embeddings, and only the last one's result is used.

    Hint: how often is x assigned in your loop, and from what?
    """

    def through_layers(self, x: Tensor, mask: Tensor | None) -> Tensor:
        out = x
        for layer in self.layers:
            out = layer(x, mask)
        return self.final_norm(out)


class layers_shared(DecoderTransformer):
    """All your layers are one and the same object, so they share their weights: a list was multiplied.

    Hint: count the parameters of a model with one layer and of one with two.
    """

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, num_layers: int, d_ff: int,
                 max_len: int, dropout: float = 0.0, pad_id: int = 0, pre_norm: bool = False) -> None:  # fmt: skip
        super().__init__(vocab_size, d_model, num_heads, num_layers, d_ff, max_len, dropout, pad_id, pre_norm)
        self.layers = nn.ModuleList([EncoderLayer(d_model, num_heads, d_ff, dropout, pre_norm)] * num_layers)


class python_list(DecoderTransformer):
    """Your layers are in a plain list, where no optimiser, no save and no move to another device finds them.

    Hint: count the model's parameters.
    """

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, num_layers: int, d_ff: int,
                 max_len: int, dropout: float = 0.0, pad_id: int = 0, pre_norm: bool = False) -> None:  # fmt: skip
        super().__init__(vocab_size, d_model, num_heads, num_layers, d_ff, max_len, dropout, pad_id, pre_norm)
        layers = list(self.layers)
        del self.layers
        self.layers = layers


class embedding_default_init(DecoderTransformer):
    """Your table starts with standard deviation 1; as the output matrix that makes a first loss far above ln V.

    Hint: what is the loss of a new model, and what would blind guessing cost?
    """

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, num_layers: int, d_ff: int,
                 max_len: int, dropout: float = 0.0, pad_id: int = 0, pre_norm: bool = False) -> None:  # fmt: skip
        super().__init__(vocab_size, d_model, num_heads, num_layers, d_ff, max_len, dropout, pad_id, pre_norm)
        self.token_embedding.embedding.reset_parameters()
