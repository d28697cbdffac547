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
        learned = {
            name: nn.Parameter(weight.clone(), requires_grad=name != "frozen") for name, weight in weights.items()
        }
        self.tables = nn.ParameterDict(learned)

    def forward(self, source, target_input):
        tables = self.tables
        hidden = tables["target"][target_input] + tables["source"][source].mean(dim=1, keepdim=True)
        if "frozen" in tables:
            hidden = hidden + tables["frozen"]
        hidden = torch.sin(hidden) * (0.5 if self.training else 1.0)
        return hidden @ tables["output"] + tables["bias"]


def learn(train_step, weights, batches, rate, max_norm, stale=None, **options):
    """Train on the batches in turn, starting in evaluation mode and, where `stale` is given, with gradients left over.

    Returns the losses, the weights afterwards, and what the model answers then, in the mode that it was left in.
    """
    model = _Toy(weights).eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for name, gradient in (stale or {}).items():
        model.tables[name].grad = gradient.clone()
    losses = [train_step(model, source, target, optimizer, max_norm, **options) for source, target in batches]
    with torch.no_grad():
        answer = model(*batches[0])
    return losses, {name: weight.detach().clone() for name, weight in model.tables.items()}, answer
