"""What goes wrong with TokenEmbedding."""

import math

from torch import Tensor, nn

from solutions.positions import TokenEmbedding


class no_scale(TokenEmbedding):
    """Your rows are not scaled: with entries of size d_model^(-1/2) they drown in the positions added to them.

    Hint: compare the standard deviation of your output with that of the table of positions.
    Seen: SamLynnEvans/Transformer 10; harvardnlp/annotated-transformer 60
    """

    def forward(self, tokens: Tensor) -> Tensor:
        return self.embedding(tokens)


class divides(TokenEmbedding):
    """You divide by the root of d_model; section 3.4 multiplies. Division belongs to the attention scores.

    Hint: which direction makes the rows larger, and which do they need?
    Seen: pytorch/tutorials 2849
    """

    def forward(self, tokens: Tensor) -> Tensor:
        return self.embedding(tokens) / math.sqrt(self.embedding.embedding_dim)


class scale_by_d(TokenEmbedding):
    """You multiply by d_model itself: the rows end up with standard deviation √d_model instead of 1.

    Hint: what is the standard deviation of your output for d_model = 64?
    """

    def forward(self, tokens: Tensor) -> Tensor:
        return self.embedding(tokens) * self.embedding.embedding_dim


class scale_by_vocabulary(TokenEmbedding):
    """You scale by the root of the vocabulary's size: the factor must come from the length of a row, d_model.

    Hint: the table has two sizes. Which of them did you take?
    """

    def forward(self, tokens: Tensor) -> Tensor:
        return self.embedding(tokens) * math.sqrt(self.embedding.num_embeddings)


class scales_table_in_place(TokenEmbedding):
    """You scale the table itself, so every call scales it once more, and the output projection that shares it too.

    Hint: call it twice with the same tokens.
    """

    def forward(self, tokens: Tensor) -> Tensor:
        self.embedding.weight.data *= math.sqrt(self.embedding.embedding_dim)
        return self.embedding(tokens)


class detaches_table(TokenEmbedding):
    """Your rows are cut off from the table: the numbers are right, but no gradient arrives, so nothing is learned.

    Hint: take the sum of your output, call backward, and look at the gradient of the table.
    """

    def forward(self, tokens: Tensor) -> Tensor:
        return self.embedding(tokens).detach() * math.sqrt(self.embedding.embedding_dim)


class default_init(TokenEmbedding):
    """Your table starts with standard deviation 1, not d_model^(-1/2): outputs, and later logits, are far too large.

    Hint: compare your constructor with the one that was given.
    """

    def __init__(self, vocab_size: int, d_model: int) -> None:
        super().__init__(vocab_size, d_model)
        nn.init.normal_(self.embedding.weight)
