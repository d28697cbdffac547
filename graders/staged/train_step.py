"""A small model to train: whatever a step does wrong shows in its loss, its weights or its mode."""

import torch
from torch import nn


class _Toy(nn.Module):
    """Position t reads target_input at t and the mean of the source, through tables of the given weights.

    In training mode the hidden layer is halved, as dropout would do it on the average, only not at random: a step taken
    in the wrong mode learns other weights. A weight called `frozen` takes part without learning, `unused` does not.
    """

    def __init__(self, weights):
        super().__init__()
        for name, weight in weights.items():
            self.register_parameter(name, nn.Parameter(weight.clone(), requires_grad=name != "frozen"))

    def forward(self, source, target_input):
        hidden = self.target_table[target_input] + self.source_table[source].mean(dim=1, keepdim=True)
        if hasattr(self, "frozen"):
            hidden = hidden + self.frozen
        hidden = torch.sin(hidden) * (0.5 if self.training else 1.0)
        return hidden @ self.output + self.bias


def learn(train_step, weights, batches, rate, max_norm, stale=None, **options):
    """Train on the batches in turn, starting in evaluation mode and, where `stale` is given, with gradients left over.

    Returns the losses, the weights afterwards, and what the model answers then, in the mode that it was left in.
    """
    model = _Toy(weights).eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for name, gradient in (stale or {}).items():
        getattr(model, name).grad = gradient.clone()
    losses = [train_step(model, source, target, optimizer, max_norm, **options) for source, target in batches]
    with torch.no_grad():
        answer = model(*batches[0])
    return losses, {name: weight.detach().clone() for name, weight in model.named_parameters()}, answer
