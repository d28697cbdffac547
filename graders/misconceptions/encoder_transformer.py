"""What goes wrong with EncoderTransformer."""

import torch
from torch import Tensor, nn

from solutions.layers import EncoderLayer
from solutions.masks import padding_mask
from solutions.models import EncoderTransformer


class _Steps(EncoderTransformer):
    """The right model, cut into steps: each mistake below gets one of them wrong."""

    def embedded(self, tokens: Tensor) -> Tensor:
        return self.positional_encoding(self.token_embedding(tokens))

    def attendable(self, tokens: Tensor) -> Tensor | None:
        return padding_mask(tokens, self.pad_id)

    def through_layers(self, x: Tensor, mask: Tensor | None) -> Tensor:
        for layer in self.layers:
            x = layer(x, mask)
        return x

    def pooled(self, x: Tensor, tokens: Tensor) -> Tensor:
        real = (tokens != self.pad_id).unsqueeze(2)
        return (x * real).sum(dim=1) / real.sum(dim=1).clamp(min=1)

    def answered(self, pooled: Tensor) -> Tensor:
        return self.head(pooled)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.through_layers(self.embedded(tokens), self.attendable(tokens))
        return self.answered(self.pooled(x, tokens))


class pools_padding(_Steps):
    """Your mean runs over all positions, padding included, so the answer depends on how the batch was padded.

    Hint: append padding to a sequence. Does your answer change?
    """

    def pooled(self, x: Tensor, tokens: Tensor) -> Tensor:
        return x.mean(dim=1)


class divides_by_length(_Steps):
    """You add up the real tokens, but divide by the padded length: much padding makes small vectors.

    Hint: append padding to a sequence. Does your answer change?
    """

    def pooled(self, x: Tensor, tokens: Tensor) -> Tensor:
        return (x * (tokens != self.pad_id).unsqueeze(2)).sum(dim=1) / x.size(1)


class sums_instead_of_mean(_Steps):
    """You add up the real tokens and never divide, so long sequences make large vectors.

    Hint: with two equal vectors in x, what should the pooled vector be?
    """

    def pooled(self, x: Tensor, tokens: Tensor) -> Tensor:
        return (x * (tokens != self.pad_id).unsqueeze(2)).sum(dim=1)


class pools_only_padding(_Steps):
    """Your mean runs over the padding and leaves out the real tokens: the condition is the wrong way round.

    Hint: change a real token's vector before the mean. Does the pooled vector change?
    """

    def pooled(self, x: Tensor, tokens: Tensor) -> Tensor:
        padding = (tokens == self.pad_id).unsqueeze(2)
        return (x * padding).sum(dim=1) / padding.sum(dim=1).clamp(min=1)


class padding_only_is_nan(_Steps):
    """A sequence of nothing but padding makes you divide zero by zero, and one NaN spoils a whole batch's gradient.

    Hint: how many real tokens does a row of padding have?
    """

    def pooled(self, x: Tensor, tokens: Tensor) -> Tensor:
        real = (tokens != self.pad_id).unsqueeze(2)
        return (x * real).sum(dim=1) / real.sum(dim=1)


class max_pooled(_Steps):
    """You take the largest value of each feature over the real tokens; the exercise asks for their mean.

    Hint: how many tokens have a say in each feature of your pooled vector?
    """

    def pooled(self, x: Tensor, tokens: Tensor) -> Tensor:
        padding = (tokens == self.pad_id).unsqueeze(2)
        largest = x.masked_fill(padding, float("-inf")).amax(dim=1)
        return largest.masked_fill(padding.all(dim=1), 0.0)


class cls_reads_last(_Steps):
    """You classify by the last position alone; that is padding in every short sequence.

    Hint: what stands at the last position of a padded row?
    """

    def pooled(self, x: Tensor, tokens: Tensor) -> Tensor:
        return x[:, -1]


class cls_reads_first(_Steps):
    """You classify by the first position alone, as BERT does with a token of its own; here it is the mean of all.

    Hint: how many positions have a say in your answer?
    """

    def pooled(self, x: Tensor, tokens: Tensor) -> Tensor:
        return x[:, 0]


class softmax_in_forward(_Steps):
    """You return probabilities; the loss applies a softmax of its own, and two in a row squeeze the gradients.

    Hint: what do the numbers of one row of your output add up to?
    Seen: the public notebooks of this family
    """

    def answered(self, pooled: Tensor) -> Tensor:
        return self.head(pooled).softmax(dim=-1)


class log_softmax_in_forward(_Steps):
    """You return logarithms of probabilities; the exercise asks for the logits themselves, as they leave the head.

    Hint: can a number of your output be positive?
    """

    def answered(self, pooled: Tensor) -> Tensor:
        return self.head(pooled).log_softmax(dim=-1)


class no_position(_Steps):
    """You never add the positions, so the model reads a bag of words: every order gives the same answer.

    Hint: reverse a sequence. Does your answer change?
    """

    def embedded(self, tokens: Tensor) -> Tensor:
        return self.token_embedding(tokens)


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
        return self.positional_encoding(self.token_embedding(tokens) * self.head.in_features**0.5)


class position_in_every_layer(_Steps):
    """You add the positions again before every layer; they are added once, to the embeddings.

    Hint: in figure 1, how many arrows come from the positional encoding?
    """

    def embedded(self, tokens: Tensor) -> Tensor:
        return self.token_embedding(tokens)

    def through_layers(self, x: Tensor, mask: Tensor | None) -> Tensor:
        for layer in self.layers:
            x = layer(self.positional_encoding(x), mask)
        return x


class mask_dropped(_Steps):
    """Your layers get no mask, so real tokens attend to padding, and the answer depends on how the batch was padded.

    Hint: append padding to a sequence. Does your answer change?
    """

    def attendable(self, tokens: Tensor) -> Tensor | None:
        return None


class mask_only_first_layer(_Steps):
    """Only your first layer gets the mask; in every layer padding has keys and values that must not be read.

    Hint: append padding to a sequence. Does your answer change? With one layer only?
    """

    def through_layers(self, x: Tensor, mask: Tensor | None) -> Tensor:
        for layer in self.layers:
            x = layer(x, mask)
            mask = None
        return x


class mask_inverted(_Steps):
    """Your layers attend to padding and to nothing else: in this course True means "may attend".

    Hint: for which tokens is your mask True?
    """

    def attendable(self, tokens: Tensor) -> Tensor | None:
        return ~padding_mask(tokens, self.pad_id)


class causal_too(_Steps):
    """You hide the future from an encoder; it reads the whole sequence at once, and hides padding only.

    Hint: may the first word of a sentence that is to be classified know of the last one?
    """

    def attendable(self, tokens: Tensor) -> Tensor | None:
        length = tokens.size(1)
        return padding_mask(tokens, self.pad_id) & torch.ones(1, length, length, dtype=torch.bool).tril()


class zero_not_pad_id(_Steps):
    """You take the id 0 for padding; which id means padding is said in the constructor.

    Hint: try pad_id = 2. Which of your lines knows?
    """

    def attendable(self, tokens: Tensor) -> Tensor | None:
        return padding_mask(tokens, 0)

    def pooled(self, x: Tensor, tokens: Tensor) -> Tensor:
        real = (tokens != 0).unsqueeze(2)
        return (x * real).sum(dim=1) / real.sum(dim=1).clamp(min=1)


class one_layer_only(_Steps):
    """Only your first layer runs; each layer must work on the result of the one before it.

    Hint: how often is x assigned in your loop, and from what?
    """

    def through_layers(self, x: Tensor, mask: Tensor | None) -> Tensor:
        return self.layers[0](x, mask)


class layers_do_not_chain(_Steps):
    """Each of your layers starts from the embeddings, and only the last one's result is used.

    Hint: how often is x assigned in your loop, and from what?
    """

    def through_layers(self, x: Tensor, mask: Tensor | None) -> Tensor:
        out = x
        for layer in self.layers:
            out = layer(x, mask)
        return out


class layers_shared(EncoderTransformer):
    """All your layers are one and the same object, so they share their weights: a list was multiplied.

    Hint: count the parameters of a model with one layer and of one with two.
    """

    def __init__(self, vocab_size: int, num_classes: int, d_model: int, num_heads: int, num_layers: int,
                 d_ff: int, max_len: int, dropout: float = 0.0, pad_id: int = 0) -> None:  # fmt: skip
        super().__init__(vocab_size, num_classes, d_model, num_heads, num_layers, d_ff, max_len, dropout, pad_id)
        self.layers = nn.ModuleList([EncoderLayer(d_model, num_heads, d_ff, dropout)] * num_layers)


class python_list(EncoderTransformer):
    """Your layers are in a plain list, where no optimiser, no save and no move to another device finds them.

    Hint: count the model's parameters.
    """

    def __init__(self, vocab_size: int, num_classes: int, d_model: int, num_heads: int, num_layers: int,
                 d_ff: int, max_len: int, dropout: float = 0.0, pad_id: int = 0) -> None:  # fmt: skip
        super().__init__(vocab_size, num_classes, d_model, num_heads, num_layers, d_ff, max_len, dropout, pad_id)
        layers = list(self.layers)
        del self.layers
        self.layers = layers
