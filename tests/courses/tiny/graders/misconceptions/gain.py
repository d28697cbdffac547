"""What goes wrong with Gain."""

from torch import Tensor

from solutions.gains import Gain


class not_doubled(Gain):
    """Your weight is right, but x was not doubled first.

    Hint: which earlier exercise is called here?
    Seen: the tests of the engine
    """

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight


class added(Gain):
    """You added the weight; a gain multiplies.

    Hint: what should a weight of 1 do?
    Seen: the tests of the engine
    """

    def forward(self, x: Tensor) -> Tensor:
        return 2 * x + self.weight


class weight_ignored(Gain):
    """Your result does not depend on the weight.

    Hint: where is the weight used?
    Seen: the tests of the engine
    """

    def forward(self, x: Tensor) -> Tensor:
        return 2 * x
