"""Runs beside the student's Gain."""

import torch


def train(gain, steps, rate, seed):
    """A lab of a few milliseconds: the gain learns to triple. Yields the losses, and then the learned weight."""
    torch.manual_seed(seed)
    model = gain(4)
    for _ in range(steps):
        x = torch.randn(8, 4)
        loss = ((model(x) - 3 * x) ** 2).mean()
        model.weight.grad = None
        loss.backward()
        with torch.no_grad():
            model.weight -= rate * model.weight.grad
        yield loss.detach()
    yield {"weight": model.weight.detach()}
