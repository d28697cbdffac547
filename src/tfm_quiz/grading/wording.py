"""The sentences of a result: what the student may read, and the full detail for the staff.

Of a hidden check a student learns its name, the outcome and the named mistake. Never the inputs, never their own
exception's text or output from a hidden call (both could carry the inputs): only the type, if it is a builtin or torch
one, and the line of their own code where an exercise's first hidden crash happened.
"""

import signal
from collections.abc import Mapping, Sequence

from tfm_quiz.course import Course, Exercise
from tfm_quiz.markers import STUB
from tfm_quiz.outcome import CheckResult
from tfm_quiz.submission.syntax import line_owner
from tfm_quiz.submission.untouched import is_planted
from tfm_quiz.wall.host.reply import Failure, StudentError, WorkerDied
from tfm_quiz.wall.worker.modules import file_of

from .attempt import Comparison
from .compare import Difference

MAX_DETAIL = 4000
NOT_REACHED = "not reached"  # `Budget.sentence` says the rest, once it is known what used the time up
OUT_OF_TIME, KILLED = (getattr(signal, name, -1) for name in ("SIGXCPU", "SIGKILL"))  # not on Windows
DIED = "the process ended in this check"
RAISED = "an exception was raised"
NOT_DATA = "the answer cannot be compared: it is no plain tensor, number or text, or it is far too large"
# What is said of a wrong answer where nothing of a worker's own may be told.
FIXED = {
    "raised": "the expected exception was not raised",
    "kind": "a different kind of result is expected",
    "shape": "the shape is wrong",
    "dtype": "the dtype is wrong",
    "values": "values are wrong",
    "changed": "an argument was changed in place; work on a new tensor",
    "gradient": "a gradient is wrong",
    "structure": "building it gives a different structure; leave `__init__` as it was given",
}
LAB = "your trained model does not write or decide well enough yet"


def not_attempted(exercise: Exercise, stub: str, *, missing: bool) -> str:
    """Say why nothing was run. `stub` is the text of the exercise's module as students get it."""
    if missing:
        return f"the submission holds no {exercise.module}.py that can be read"
    if is_planted(stub, exercise.name):
        return f"`{exercise.name}` is as it came, with its bug: open exercises/{exercise.module}.py and find it"
    return f"`{exercise.name}` is still the stub: open exercises/{exercise.module}.py and replace the `raise`"


def by_definitions(module: str) -> str:
    """Say that a module did not load as a whole. Its own error is not shown: a worker may have made it up."""
    return f"{module}.py does not load as a whole when it is graded, so it was read by its definitions."


def timed_out(seconds: float) -> str:
    """Say that a call did not come back."""
    return f"no answer within {seconds:g} s: is there a loop that never ends?"


def died(error: WorkerDied, *, cpu_seconds: float, hidden: bool = False) -> str:
    """Say that a process ended in the middle of a call, in fixed words: its own could hold anything."""
    if error.signal == OUT_OF_TIME:
        return f"more than {cpu_seconds:g} s of processor time: are there Python loops where one operation would do?"
    if hidden:
        return DIED
    if error.signal == KILLED:
        return f"{DIED}: the system killed it; was there too little memory?"
    if error.signal:
        return f"{DIED}: it crashed"
    return f"{DIED}: it exited" if error.exited else f"{DIED}: it broke the protocol of its connection"


def wrong(found: Difference | None, *, hidden: bool, fixed: bool) -> str:
    """Wrong values: the first difference, for a check that is not hidden; its kind only if `fixed`."""
    if hidden:
        return ""
    if found is None:
        return "the answer does not meet this check"
    return FIXED[found.kind] if fixed else found.sentence


def crashed(
    failure: Failure,
    exercise: Exercise,
    sources: Mapping[str, str],
    *,
    mb: int,
    own_stub: bool = False,
    place: bool = True,
) -> str:
    """Name the exception in the student's code, without its text. `mb` is what the worker had."""
    if own_stub:
        return f"part of `{exercise.name}` is still the stub"
    kind, line = _kind(failure), line_of(failure, sources)
    if _is_out_of_memory(failure):
        where = f", in {line}" if line and place else ""
        return f"out of memory: more than {mb} MB{where}; keep fewer tensors at once"
    if kind == "WireError":  # of ours, where an answer is packed
        return NOT_DATA
    return f"{kind} in {line}" if line and place else f"{kind} was raised"


def not_loaded(failure: Failure, exercise: Exercise, sources: Mapping[str, str], *, fixed: bool) -> str:
    """Say that a module cannot be imported, or lacks the name. Up to its colon nothing comes from a worker."""
    module = f"{exercise.module}.py"
    if fixed:
        return f"{module} does not load"
    line = line_of(failure, sources)
    if not line and failure.type == "AttributeError" and not failure.frames:
        return f"{module} does not define `{exercise.name}`"
    place = line.removeprefix(f"{module}, ")
    return (
        f"{module} does not load: {_kind(failure)} in {place}" if line else f"{module} does not load: {_kind(failure)}"
    )


def _is_out_of_memory(failure: Failure) -> bool:
    """Return whether Python or torch ran out of memory: torch says so only in its message."""
    known = {"MemoryError", "OutOfMemoryError"} & set(failure.kinds)
    return bool(known) or (failure.type == "RuntimeError" and "can't allocate memory" in failure.message)


def _kind(failure: Failure) -> str:
    return failure.type if failure.type in failure.kinds else "an exception class of your own"


def line_of(failure: Failure, sources: Mapping[str, str]) -> str:
    """Return the student's own line, if it is one: a worker may claim any."""
    for frame in reversed(failure.frames):
        module = next((name for name in sources if file_of(name) == frame["file"]), None)
        if module is not None and 1 <= frame["line"] <= sources[module].count("\n") + 1:
            return f"{module}.py, line {frame['line']}"
    return ""


def open_stub(failure: Failure, course: Course, sources: Mapping[str, str]) -> Exercise | None:
    """Name the exercise whose stub raised, or a part of it that is still open: the line that raised is the stub's."""
    if failure.type != "NotImplementedError" or not failure.frames:
        return None
    file, line = failure.frames[-1]["file"], failure.frames[-1]["line"]
    module = next((module for module in course.modules if file == file_of(module) and module in sources), None)
    if module is None:
        return None
    lines = sources[module].split("\n")
    if not 1 <= line <= len(lines) or not lines[line - 1].strip().startswith(STUB[-1]):
        return None
    owner = line_owner(sources[module], line)
    return next((one for one in course.exercises if one.module == module and one.name == owner), None)


def summary(checks: Sequence[CheckResult]) -> str:
    """Return the sentence of an exercise without a named mistake: the first thing that went wrong."""
    bad = [check for check in checks if check.outcome not in ("passed", "skipped")] or [
        check for check in checks if check.outcome == "skipped"
    ]
    if not bad:
        return ""
    return f"{bad[0].name}: {bad[0].message}" if bad[0].message else f"not yet: {bad[0].name}"


def detail(raised: BaseException | None, failures: Sequence[Comparison]) -> str:
    """Everything, for the staff: it may carry inputs and hostile text, and is neutralised where it is shown."""
    lines = []
    for failure in failures[:5]:
        kind = type(failure.known.encoded.question).__name__
        lines.append(f"{kind}: {failure.wrong.sentence if failure.wrong else ''}")
        if failure.observed.failure is not None:
            lines += _told(failure.observed.failure)
    if isinstance(raised, StudentError):
        lines += _told(raised.failure)
    elif raised is not None:
        lines.append(f"{type(raised).__name__}: {raised}")
    return "\n".join(lines)[:MAX_DETAIL]


def _told(failure: Failure) -> list[str]:
    frames = [f"  {frame['file']}, line {frame['line']}: {frame['text']}" for frame in failure.frames[-3:]]
    return [f"{failure.type}: {failure.message}", *frames]
