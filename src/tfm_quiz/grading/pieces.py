"""Runs beside the student's code in the worker, for a lab: a staged training, a piece at a time.

It is sent to the worker as text, so it holds nothing secret, and nothing that it returns is believed.
"""

import itertools

import torch


class Pieces:
    """A generator of losses whose last word is what was learned. Cut anywhere, it trains as if it ran in one go."""

    def __init__(self, training):
        self.training = training
        self.random = None  # where its random draws go on: every call into a worker seeds them again

    def losses(self, steps):
        """Train for so many steps; their losses."""
        self._draw_on()
        losses = list(itertools.islice(self.training, steps))
        self.random = torch.default_generator.get_state()
        return torch.stack(losses).tolist()

    def learned(self):
        """Return what was learned. Nothing of the training is kept."""
        self._draw_on()
        learned = next(self.training)
        self.training.close()
        return learned

    def _draw_on(self):
        if self.random is not None:
            torch.default_generator.set_state(self.random)


def begin(training, target, args, kwargs):
    """A staged generator function, begun with the student's target."""
    return Pieces(training(target, *args, **kwargs))
