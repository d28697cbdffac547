"""The outcome of one question: the reference's, a variant's or the student's. Data of the wire, no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tfm_quiz.wall.host.reply import Failure
from tfm_quiz.wall.wire.frames import Tensor, Value, leaves

MOST_CHANGES = 8  # of the arguments that a worker says were changed
ORDINALS = ("first", "second", "third", "fourth", "fifth")


@dataclass(frozen=True)
class Observation:
    """What one question led to.

    Either `raised` holds the builtin and torch classes of the exception, nearest first, or `value` the result.
    `changed` names the arguments that were changed in place. Gradients are None where none were asked for (or where
    the result had other tensors than expected); an entry is None where there is no gradient.
    """

    raised: tuple[str, ...] = ()
    value: Value = None
    changed: tuple[str, ...] = ()
    arguments: tuple[Value, ...] | None = None
    parameters: Mapping[str, Value] | None = None
    failure: Failure | None = None  # the exception as the worker told it: for screens, never compared
    output: str = ""  # what the student's code printed, if it returned: as little to be compared
    output_cut: bool = False

    def size(self) -> int:
        """Return the bytes of all its tensors."""
        parts = [self.value, self.arguments or (), dict(self.parameters or {})]
        return sum(len(leaf.data) for _, leaf in leaves(parts) if isinstance(leaf, Tensor))


NO_MODULE = Failure("RuntimeError", ("RuntimeError",), "the module was not built", (), ())
NOT_BUILT = Observation(raised=NO_MODULE.kinds, failure=NO_MODULE)


def changed_arguments(numbers: Sequence[int], args: Value) -> tuple[str, ...]:
    """Return the names of the arguments that were changed: by number, from 1; 0 for the arguments themselves.

    One that is not there has no name of its own: a worker may claim any number.
    """
    if not numbers:
        return ()
    count = sum(1 for _ in leaves(args))
    return tuple(dict.fromkeys(_name(number, count) for number in numbers[:MOST_CHANGES]))


def _name(number: int, count: int) -> str:
    if number == 0:
        return "the list of arguments"
    return f"the {_ordinal(number)} argument" if 1 <= number <= count else "an argument"


def _ordinal(number: int) -> str:
    return ORDINALS[number - 1] if 1 <= number <= len(ORDINALS) else f"{number}th"
