"""A course in a box on the Transformer: exercises, questions, graders."""

from typing import Any

__version__ = "0.1.0"


def probe(exercise: str, number: int = 1) -> Any:
    """Return the input of a public check, as `tfm-quiz check` names it: see `tfm_quiz.student.probe.ProbeCase`.

    >>> case = probe("split_heads", 1)
    >>> split_heads(*case.args, **case.kwargs)
    """
    from .student.probe import probe_case  # imports torch, which the command does not

    return probe_case(exercise, number)
