"""Run what most submissions do a few times, before any worker is forked.

Python learns from what has run: it specialises code, numbers types and remembers where it found attributes. Each of
these is a write into a page, and a page that is written to before the fork need not be copied after it.
"""

import torch
from torch import Tensor, nn

from tfm_quiz.wall.wire.frames import pack, unpack
from tfm_quiz.wall.wire.tensors import tree_to_wire
from tfm_quiz.wall.worker import failure
from tfm_quiz.wall.worker.gradients import differentiate

TIMES = 8  # Python specialises what has run so often


class _Model(nn.Module):
    """Embedding, attention, norm and feed-forward in the usual calls: tokens (B, T), mask (T, T) -> (B, T, d)."""

    positions: Tensor

    def __init__(self, d_model: int, heads: int) -> None:
        super().__init__()
        self.d_model, self.heads = d_model, heads
        self.embedding = nn.Embedding(5, d_model)
        self.query = nn.Linear(d_model, d_model, bias=False)
        self.norm = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(0.1)
        self.layers = nn.ModuleList([nn.Linear(d_model, d_model) for _ in range(2)])
        self.weight = nn.Parameter(torch.ones(d_model))
        self.register_buffer("positions", torch.zeros(4, d_model))

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        x = self.embedding(tokens) * self.d_model**0.5 + self.positions[: tokens.size(1)]
        query = self.query(x).view(x.size(0), x.size(1), self.heads, -1).transpose(1, 2)
        scores = (query @ query.transpose(-2, -1) / query.size(-1) ** 0.5).masked_fill(~mask, float("-inf"))
        attended = (torch.softmax(scores, dim=-1) @ query).transpose(1, 2).contiguous().reshape(x.shape)
        x = self.norm(x + self.dropout(attended))
        for layer in self.layers:
            x = x + torch.relu(layer(x))
        return x * self.weight


def run() -> None:
    """Build, load, train and differentiate a small model, pack its result, describe an exception; `TIMES` times."""
    tokens, mask = torch.tensor([[0, 1, 2], [3, 4, 0]]), torch.ones(3, 3).tril().bool()
    for _ in range(TIMES):
        model = _Model(4, 2)
        model.load_state_dict(_Model(4, 2).state_dict())
        optimizer = torch.optim.Adam(model.parameters())
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(tokens, mask).flatten(0, 1), torch.zeros(6, dtype=torch.long)).backward()
        optimizer.step()
        with torch.no_grad():
            model.eval().double().float()(tokens, mask)
        answer = differentiate(model, (tokens, mask), {}, [torch.ones(2, 3, 4)], model)
        frame = pack(tree_to_wire(answer))
        unpack(frame.header, frame.payload)
        try:
            model(torch.ones(1), mask)
        except Exception as error:  # it is only there to be described
            failure.describe(error)
