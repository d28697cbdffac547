"""Proof that the grader of TokenEmbedding can be trusted."""

import torch
from torch import Tensor, nn

from solutions.positions import TokenEmbedding


def oracle(module, tokens):
    """torch's own lookup, and the root taken with a power."""
    weight = module.embedding.weight
    return nn.functional.embedding(tokens, weight) * weight.size(1) ** 0.5


class _Given(nn.Module):
    """The constructor that students are given."""

    def __init__(self, vocab_size: int, d_model: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, d_model)
        nn.init.normal_(self.embedding.weight, mean=0.0, std=d_model**-0.5)


class right_index_the_weight(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        return self.embedding.weight[tokens] * self.embedding.weight.size(-1) ** 0.5


class right_one_hot_product(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        weight = self.embedding.weight
        one_hot = nn.functional.one_hot(tokens, weight.size(0)).to(weight.dtype)
        return torch.einsum("btv,vd->btd", one_hot, weight) * torch.tensor(weight.size(1)).sqrt()


class right_loop(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        table = self.embedding.weight * self.embedding.weight.shape[1] ** 0.5
        return torch.stack([torch.stack([table[token] for token in row]) for row in tokens])


class right_float64_inside(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        rows = self.embedding(tokens)
        return (rows.double() * rows.size(-1) ** 0.5).to(rows.dtype)


class right_draws_its_own_table(nn.Module):
    """Another way to the same start: rows of unit variance, divided by the root."""

    def __init__(self, vocab_size: int, d_model: int) -> None:
        super().__init__()
        self.d_model = d_model
        self.embedding = nn.Embedding(vocab_size, d_model)
        with torch.no_grad():
            self.embedding.weight.div_(d_model**0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.d_model**0.5 * self.embedding(tokens)


class second_no_scale(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        return torch.index_select(self.embedding.weight, 0, tokens.flatten()).view(*tokens.shape, -1)


class second_divides(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        out = self.embedding(tokens)
        return out * out.size(-1) ** -0.5


class second_scale_by_d(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        out = self.embedding(tokens)
        return out.shape[2] * out


class second_scales_table_in_place(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        with torch.no_grad():
            self.embedding.weight.mul_(self.embedding.embedding_dim**0.5)
        return self.embedding.weight[tokens]


class second_detaches_table(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        return self.embedding.weight.data[tokens] * self.embedding.embedding_dim**0.5


class second_default_init(nn.Module):
    def __init__(self, vocab_size: int, d_model: int) -> None:
        super().__init__()
        self.scale = d_model**0.5
        self.embedding = nn.Embedding(vocab_size, d_model)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.embedding(tokens) * self.scale


class double_no_scale_and_default_init(nn.Module):
    """What a newcomer to the paper writes: torch's embedding as it comes."""

    def __init__(self, vocab_size: int, d_model: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, d_model)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.embedding(tokens)


class double_divides_and_detaches(TokenEmbedding):
    def forward(self, tokens: Tensor) -> Tensor:
        return self.embedding.weight.detach()[tokens] / self.embedding.embedding_dim**0.5


class double_scale_by_d_in_place(_Given):
    def forward(self, tokens: Tensor) -> Tensor:
        self.embedding.weight.data *= self.embedding.embedding_dim
        return self.embedding(tokens)
