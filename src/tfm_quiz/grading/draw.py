"""The values of a run. Sizes are chosen by the grader; values are drawn here, from the run's secret seed."""

import hashlib
from collections.abc import Mapping

import torch
from torch import Tensor, nn


def generator(seed: int, *labels: object) -> torch.Generator:
    """Return a generator of its own for each (seed, labels): what one test draws does not depend on any other test."""
    digest = hashlib.sha256("/".join(map(str, (seed, *labels))).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


class Draw:
    """The three fixtures that draw: `randn`, `randint`, `randbool`."""

    def __init__(self, source: torch.Generator) -> None:
        self.source = source

    def randn(self, *shape: int, scale: float = 1.0, shift: float = 0.0, dtype: torch.dtype = torch.float32) -> Tensor:
        """Normal values of this standard deviation and mean, drawn in float32."""
        return (torch.randn(shape, generator=self.source) * scale + shift).to(dtype)

    def randint(self, low: int, high: int, *shape: int, dtype: torch.dtype = torch.int64) -> Tensor:
        """Integers in [low, high)."""
        return torch.randint(low, high, shape, generator=self.source).to(dtype)

    def randbool(self, *shape: int, p: float = 0.5) -> Tensor:
        """Booleans, True with probability p."""
        return torch.rand(shape, generator=self.source) < p


def draw_state(module: nn.Module, source: torch.Generator) -> Mapping[str, Tensor]:
    """Weights for a module like this one: every parameter random (norms too, or a shared norm would not show).

    Matrices have the scale 1/√fan_in, so that signals neither die nor explode; buffers keep their values.
    """
    parameters = {name for name, _ in module.named_parameters(remove_duplicate=False)}
    state: dict[str, Tensor] = {}
    same: dict[int, Tensor] = {}  # a tied weight is one tensor under several names
    for name, value in module.state_dict(keep_vars=True).items():
        if name not in parameters or not value.is_floating_point():
            state[name] = value.detach().clone()
            continue
        if id(value) not in same:
            drawn = torch.randn(value.shape, generator=source)
            if value.dim() >= 2:
                same[id(value)] = drawn * value.shape[-1] ** -0.5
            else:  # a bias around 0, the weight of a norm around 1
                same[id(value)] = 0.5 * drawn + (1.0 if name.endswith("weight") else 0.0)
        state[name] = same[id(value)].to(value.dtype)
    return state
