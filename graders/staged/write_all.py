"""A model that follows a script: the next token depends on all tokens so far, and the script says when a row ends.

Scores are sixteenths of (whole numbers plus a sixteenth of the token's id): no two are equal and none is ever rounded.
"""

import torch


def write(write_all, tables, start, eos_id, pad_id, max_new):
    """Continue `start` with the scripted model. What is written depends on how many steps were asked for before."""
    follow, schedule = (table.float() for table in tables)  # (V, V), (B, steps, V)

    def logits_of(tokens):
        written = torch.arange(tokens.shape[1]) - (start.shape[1] - 1)
        position = torch.arange(1, tokens.shape[1] + 1)[:, None]
        scores = (follow[tokens] * position).cumsum(dim=1)  # (B, t, V)
        scores = scores + schedule[:, written.clamp(min=0, max=schedule.shape[1] - 1)]
        return (scores + torch.arange(scores.shape[-1]) / 16) / 16

    return write_all(logits_of, start, eos_id, pad_id, max_new)
