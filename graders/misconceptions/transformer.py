"""What goes wrong with Transformer."""

import torch
from torch import Tensor, nn

from solutions.layers import DecoderLayer, EncoderLayer
from solutions.masks import causal_mask, cross_mask, decoder_mask, padding_mask
from solutions.models import Transformer
from solutions.positions import TokenEmbedding


class _Steps(Transformer):
    """The right model, cut into steps: each mistake below gets one of them wrong."""

    def source_embedded(self, source: Tensor) -> Tensor:
        return self.positional_encoding(self.token_embedding(source))

    def source_mask(self, source: Tensor) -> Tensor | None:
        return padding_mask(source, self.pad_id)

    def through_encoder(self, x: Tensor, mask: Tensor | None) -> Tensor:
        for layer in self.encoder_layers:
            x = layer(x, mask)
        return x

    def target_embedded(self, target_input: Tensor, source: Tensor) -> Tensor:
        return self.positional_encoding(self.token_embedding(target_input))

    def target_mask(self, target_input: Tensor) -> Tensor | None:
        return decoder_mask(target_input, self.pad_id)

    def memory_mask(self, source: Tensor, target_input: Tensor) -> Tensor | None:
        return cross_mask(source, target_input, self.pad_id)

    def through_decoder(self, x: Tensor, mask: Tensor | None, memory: Tensor, memory_mask: Tensor | None) -> Tensor:
        for layer in self.decoder_layers:
            x = layer(x, mask, memory, memory_mask)
        return x

    def logits(self, hidden: Tensor) -> Tensor:
        return hidden @ self.token_embedding.embedding.weight.T

    def encode(self, source: Tensor) -> Tensor:
        return self.through_encoder(self.source_embedded(source), self.source_mask(source))

    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        x = self.target_embedded(target_input, source)
        masks = self.target_mask(target_input), self.memory_mask(source, target_input)
        return self.logits(self.through_decoder(x, masks[0], memory, masks[1]))


class decoder_gets_source_embedding(_Steps):
    """Your decoder starts from the embedded source; it starts from what has been written so far.

    Hint: change a word of the target's input. Who notices?
    """

    def target_embedded(self, target_input: Tensor, source: Tensor) -> Tensor:
        return self.positional_encoding(self.token_embedding(source))


class memory_from_first_layer(_Steps):
    """Your memory is the output of the first encoder layer; it is that of the last one.

    Hint: which encoder layers never get a gradient?
    """

    def through_encoder(self, x: Tensor, mask: Tensor | None) -> Tensor:
        return self.encoder_layers[0](x, mask)


class encoder_layers_do_not_chain(_Steps):
    """Each of your encoder layers starts from the embeddings, and only the last one's result is used.

    Hint: how often is x assigned in your loop, and from what?
    """

    def through_encoder(self, x: Tensor, mask: Tensor | None) -> Tensor:
        out = x
        for layer in self.encoder_layers:
            out = layer(x, mask)
        return out


class causal_in_encoder(_Steps):
    """You hide the future from the encoder; the whole source is known, and every word of it may look at every other.

    Hint: change the last word of the source. Does the first row of the memory change?
    """

    def source_mask(self, source: Tensor) -> Tensor | None:
        return decoder_mask(source, self.pad_id)


class encoder_padding_dropped(_Steps):
    """Your encoder has no mask, so source words attend to padding: the result depends on how the batch was padded.

    Hint: append padding to the source. Does the memory of its words change?
    """

    def source_mask(self, source: Tensor) -> Tensor | None:
        return None


class encoder_mask_only_first_layer(_Steps):
    """Only your first encoder layer gets the mask; in every layer padding has keys and values that must not be read.

    Hint: append padding to the source. Does the memory of its words change? With one layer only?
    """

    def through_encoder(self, x: Tensor, mask: Tensor | None) -> Tensor:
        for layer in self.encoder_layers:
            x = layer(x, mask)
            mask = None
        return x


class target_mask_for_cross(_Steps):
    """Your cross-attention hides the padding of the target; its keys are the source's, so it is their padding.

    Hint: who asks in cross-attention, and who answers?
    Seen: keras-io 1964, 1046
    """

    def memory_mask(self, source: Tensor, target_input: Tensor) -> Tensor | None:
        return padding_mask(target_input, self.pad_id)


class cross_mask_dropped(_Steps):
    """Your cross-attention has no mask, so the padding of the source is read like words.

    Hint: change the memory at a padded source position. Do your logits change?
    """

    def memory_mask(self, source: Tensor, target_input: Tensor) -> Tensor | None:
        return None


class causal_in_cross(_Steps):
    """You hide later source words from earlier target words; nothing of the source lies in the future.

    Hint: may the first target word look at the last source word?
    """

    def memory_mask(self, source: Tensor, target_input: Tensor) -> Tensor | None:
        return cross_mask(source, target_input, self.pad_id).tril()


class causal_dropped(_Steps):
    """Your decoder hides padding but not the future, so every position sees the words that it should predict.

    Hint: do the logits of a prefix change when you append a word to the target's input?
    """

    def target_mask(self, target_input: Tensor) -> Tensor | None:
        return padding_mask(target_input, self.pad_id)


class target_mask_dropped(_Steps):
    """Your decoder's self-attention has no mask: every word sees the words to come, and the padding.

    Hint: do the logits of a prefix change when you append a word to the target's input?
    """

    def target_mask(self, target_input: Tensor) -> Tensor | None:
        return None


class target_padding_ignored(_Steps):
    """Your decoder hides the future, but not the padding; that shows as soon as padding stands on the left.

    Hint: put padding before the target's words. Do their logits depend on the padding's vector?
    """

    def target_mask(self, target_input: Tensor) -> Tensor | None:
        return causal_mask(target_input.size(1))


class decoder_mask_only_first_layer(_Steps):
    """Only your first decoder layer gets the masks; one layer without them is enough to see the future.

    Hint: do the logits of a prefix change when you append a word? With one layer only?
    """

    def through_decoder(self, x: Tensor, mask: Tensor | None, memory: Tensor, memory_mask: Tensor | None) -> Tensor:
        for layer in self.decoder_layers:
            x = layer(x, mask, memory, memory_mask)
            mask = memory_mask = None
        return x


class zero_not_pad_id(_Steps):
    """You take the id 0 for padding; which id means padding is said in the constructor.

    Hint: try pad_id = 2. Which of your lines knows?
    """

    def source_mask(self, source: Tensor) -> Tensor | None:
        return padding_mask(source, 0)

    def target_mask(self, target_input: Tensor) -> Tensor | None:
        return decoder_mask(target_input, 0)

    def memory_mask(self, source: Tensor, target_input: Tensor) -> Tensor | None:
        return cross_mask(source, target_input, 0)


class one_decoder_layer_only(_Steps):
    """Only your first decoder layer runs; each must work on the result of the one before it.

    Hint: which decoder layers never get a gradient?
    """

    def through_decoder(self, x: Tensor, mask: Tensor | None, memory: Tensor, memory_mask: Tensor | None) -> Tensor:
        return self.decoder_layers[0](x, mask, memory, memory_mask)


class decoder_layers_do_not_chain(_Steps):
    """Each of your decoder layers starts from the embeddings, and only the last one's result is used.

    Hint: how often is x assigned in your loop, and from what?
    """

    def through_decoder(self, x: Tensor, mask: Tensor | None, memory: Tensor, memory_mask: Tensor | None) -> Tensor:
        out = x
        for layer in self.decoder_layers:
            out = layer(x, mask, memory, memory_mask)
        return out


class memory_from_decoder(_Steps):
    """From the second layer on your decoder reads its own output in the place of the memory.

    Hint: which layers notice when the source changes?
    """

    def through_decoder(self, x: Tensor, mask: Tensor | None, memory: Tensor, memory_mask: Tensor | None) -> Tensor:
        for layer in self.decoder_layers:
            x = layer(x, mask, memory, memory_mask)
            memory, memory_mask = x, mask
        return x


class memory_ignored(_Steps):
    """You encode the source again inside decode; it gets the memory so that the source is read only once.

    Hint: give decode a memory of zeros. Who notices?
    """

    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        return super().decode(target_input, self.encode(source), source)


class memory_gets_positions_again(_Steps):
    """You add the positions to the memory; they went into the source before the encoder.

    Hint: in figure 1, how many arrows come from the positional encodings, and where do they end?
    """

    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        return super().decode(target_input, self.positional_encoding(memory), source)


class no_position_in_encoder(_Steps):
    """You never add the positions to the source, so the encoder reads a bag of words.

    Hint: reverse the source. Is the memory more than reversed?
    """

    def source_embedded(self, source: Tensor) -> Tensor:
        return self.token_embedding(source)


class no_position_in_decoder(_Steps):
    """You never add the positions to the target's input.

    Hint: in figure 1, where do the two arrows of the positional encodings end?
    """

    def target_embedded(self, target_input: Tensor, source: Tensor) -> Tensor:
        return self.token_embedding(target_input)


class no_position(_Steps):
    """You never add the positions, neither to the source nor to the target's input.

    Hint: which part of the constructor do you never use?
    """

    def source_embedded(self, source: Tensor) -> Tensor:
        return self.token_embedding(source)

    def target_embedded(self, target_input: Tensor, source: Tensor) -> Tensor:
        return self.token_embedding(target_input)


class dropout_bypassed(_Steps):
    """You add the table's rows yourself and so pass by the dropout that PositionalEncoding applies to the sum.

    Hint: in train(), with a dropout of 1, what should enter the first layer?
    """

    def source_embedded(self, source: Tensor) -> Tensor:
        return self.token_embedding(source) + self.positional_encoding.table[: source.size(1)]

    def target_embedded(self, target_input: Tensor, source: Tensor) -> Tensor:
        return self.token_embedding(target_input) + self.positional_encoding.table[: target_input.size(1)]


class scale_forgotten(_Steps):
    """You look the tokens up in the table itself and so pass by the factor √d_model of TokenEmbedding.

    Hint: what does TokenEmbedding do besides the look-up?
    """

    def source_embedded(self, source: Tensor) -> Tensor:
        return self.positional_encoding(self.token_embedding.embedding(source))

    def target_embedded(self, target_input: Tensor, source: Tensor) -> Tensor:
        return self.positional_encoding(self.token_embedding.embedding(target_input))


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


class no_output_projection(_Steps):
    """You return hidden states; the shared table still has to turn them into one logit for each word.

    Hint: what is the last dimension of your output, d_model or the size of the vocabulary?
    """

    def logits(self, hidden: Tensor) -> Tensor:
        return hidden


class head_tied_and_scaled(_Steps):
    """You multiply by the scaled table; √d_model belongs to the input only, the logits use the table as it is.

    Hint: how large are the logits of a new model, and what would the loss be then?
    Seen: jadore801120/attention-is-all-you-need-pytorch 138, 210
    """

    def logits(self, hidden: Tensor) -> Tensor:
        table = self.token_embedding.embedding.weight
        return hidden @ table.T * table.size(1) ** 0.5


class tied_by_copy(_Steps):
    """You multiply by a copy of the table: the values are right, but the table learns nothing from the output.

    Hint: how large is the gradient of the row of a token that occurs on neither side?
    """

    def logits(self, hidden: Tensor) -> Tensor:
        return hidden @ self.token_embedding.embedding.weight.detach().clone().T


class memory_detached(_Steps):
    """You cut the memory off the graph, so the encoder never learns anything.

    Hint: which parameters get no gradient?
    """

    def forward(self, source: Tensor, target_input: Tensor) -> Tensor:
        return self.decode(target_input, self.encode(source).detach(), source)


class last_position_only(_Steps):
    """You return the logits of the last position only; training needs a guess at every position.

    Hint: what is the shape of your output for a target's input of shape (2, 5)?
    """

    def logits(self, hidden: Tensor) -> Tensor:
        return super().logits(hidden[:, -1])


class sides_swapped(_Steps):
    """Your forward encodes the target's input and writes the source: the two sides are swapped.

    Hint: which of the two arguments of forward comes first?
    """

    def forward(self, source: Tensor, target_input: Tensor) -> Tensor:
        return self.decode(source, self.encode(target_input), target_input)


class feeds_target_unshifted(_Steps):
    """Your forward shifts its input back, so the decoder is fed the very words that it should predict.

    Hint: the input begins with BOS already. What does position 0 of your decoder see?
    """

    def forward(self, source: Tensor, target_input: Tensor) -> Tensor:
        return self.decode(target_input.roll(-1, dims=1), self.encode(source), source)


class shifts_again(_Steps):
    """Your forward shifts the decoder's input to the right once more; whoever calls it has done that already.

    Hint: which token does position 1 of your decoder see?
    """

    def forward(self, source: Tensor, target_input: Tensor) -> Tensor:
        shifted = torch.cat([torch.ones_like(target_input[:, :1]), target_input[:, :-1]], dim=1)
        return self.decode(shifted, self.encode(source), source)


class three_separate_embeddings(Transformer):
    """You made a table for each of the three uses; source, target and output share one.

    Hint: count the parameters: how often does vocab_size * d_model go into them?
    Seen: gordicaleksa/pytorch-original-transformer 7; hyunwoongko/transformer 24, 28
    """

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, num_layers: int, d_ff: int,
                 max_len: int, dropout: float = 0.0, pad_id: int = 0) -> None:  # fmt: skip
        super().__init__(vocab_size, d_model, num_heads, num_layers, d_ff, max_len, dropout, pad_id)
        self.target_embedding = TokenEmbedding(vocab_size, d_model)
        self.head = nn.Linear(d_model, vocab_size)

    def decode(self, target_input: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        self_mask = decoder_mask(target_input, self.pad_id)
        memory_mask = cross_mask(source, target_input, self.pad_id)
        x = self.positional_encoding(self.target_embedding(target_input))
        for layer in self.decoder_layers:
            x = layer(x, self_mask, memory, memory_mask)
        return self.head(x)


class layers_shared(Transformer):
    """The layers of each stack are one and the same object, so they share their weights: a list was multiplied.

    Hint: count the parameters of a model with one layer and of one with two.
    """

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, num_layers: int, d_ff: int,
                 max_len: int, dropout: float = 0.0, pad_id: int = 0) -> None:  # fmt: skip
        super().__init__(vocab_size, d_model, num_heads, num_layers, d_ff, max_len, dropout, pad_id)
        self.encoder_layers = nn.ModuleList([EncoderLayer(d_model, num_heads, d_ff, dropout)] * num_layers)
        self.decoder_layers = nn.ModuleList([DecoderLayer(d_model, num_heads, d_ff, dropout)] * num_layers)


class python_list(Transformer):
    """Your layers are in plain lists, where no optimiser, no save and no move to another device finds them.

    Hint: count the model's parameters.
    """

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, num_layers: int, d_ff: int,
                 max_len: int, dropout: float = 0.0, pad_id: int = 0) -> None:  # fmt: skip
        super().__init__(vocab_size, d_model, num_heads, num_layers, d_ff, max_len, dropout, pad_id)
        encoder_layers, decoder_layers = list(self.encoder_layers), list(self.decoder_layers)
        del self.encoder_layers, self.decoder_layers
        self.encoder_layers, self.decoder_layers = encoder_layers, decoder_layers


class embedding_default_init(Transformer):
    """Your table starts with standard deviation 1; as the output matrix that makes a first loss far above ln V.

    Hint: what is the loss of a new model, and what would blind guessing cost?
    """

    def __init__(self, vocab_size: int, d_model: int, num_heads: int, num_layers: int, d_ff: int,
                 max_len: int, dropout: float = 0.0, pad_id: int = 0) -> None:  # fmt: skip
        super().__init__(vocab_size, d_model, num_heads, num_layers, d_ff, max_len, dropout, pad_id)
        self.token_embedding.embedding.reset_parameters()
