"""A model that follows a script: what it is asked, how often and in which mode shows in what it answers.

Scores are sixteenths of (whole numbers plus a sixteenth of the token's id): no two are equal and none is ever rounded.
"""

import torch
from torch import nn


class _Scripted(nn.Module):
    """The next token depends on all tokens so far, on the source, and on a script that says when a row ends."""

    def __init__(self, follow, recall, heard, script, pad_id, counts, differentiable):
        super().__init__()
        self.follow, self.recall, self.heard, self.script = follow, recall, heard, script  # (V, V) x 3, (B, T, V)
        self.pad_id = pad_id
        self.weight = nn.Parameter(torch.ones(()), requires_grad=differentiable)
        self.counts = counts  # whether a second memory is another one
        self.encoded = 0

    def encode(self, source):
        memory = self.heard[source] * self.weight  # (B, S, V)
        if memory.requires_grad:
            memory = memory.roll(3, dims=-1)
        self.encoded += self.counts
        return memory.roll(max(self.encoded - 1, 0), dims=-1)

    def decode(self, tokens, memory, source):
        steps = torch.arange(tokens.shape[1]).clamp(max=self.script.shape[1] - 1)
        written = self.recall[tokens]
        position = torch.arange(1, tokens.shape[1] + 1)[:, None]
        scores = self.follow[tokens] + (written * position).cumsum(dim=1)  # (B, t, V)
        scores = scores + memory.sum(dim=1, keepdim=True) - self.heard[source].sum(dim=1, keepdim=True).roll(2, dims=-1)
        scores = (scores + self.script[:, steps]) * self.weight
        scores = (scores + torch.arange(scores.shape[-1]) / 16) / 16  # flat enough that sampling shows
        if scores.requires_grad:
            scores = scores.roll(2, dims=-1)
        return scores.roll(1, dims=-1) if self.training else scores


def write(
    greedy_decode,
    tables,
    source,
    bos_id,
    eos_id,
    pad_id,
    max_len,
    training=False,
    counts=False,
    differentiable=False,
):
    """Let the script be decoded, and ask the model once more, in the modes that it and gradients were left in.

    `training`, `counts` and `differentiable`: whether a forgotten `eval()`, a second encoding and a recorded gradient
    change the scores.
    """
    with torch.enable_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(20)
        model = _Scripted(*(table.float() for table in tables), pad_id, counts, differentiable).train(training)
        tokens = greedy_decode(model, source, bos_id, eos_id, max_len)
        start = torch.full((source.shape[0], 1), bos_id)
        return tokens, model.decode(start, model.encode(source), source).detach()
