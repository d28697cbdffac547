"""The sentences of a result: what the student may read, and the full detail for the staff.

Of a hidden check a student learns its name, the outcome and the named mistake. Never the inputs, never their own
exception's text or output from a hidden call (both could carry the inputs): only the type, if it is a builtin or torch
one, and the line of their own code where an exercise's first hidden crash happened.
"""

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
LAB = "your model was trained, and what it then wrote or decided is not good enough yet"


def not_attempted(exercise: Exercise, stub: str, *, missing: bool) -> str:
    """Why nothing was run. `stub` is the text of the exercise's module as students get it."""
    if missing:
        return f"{exercise.module}.py is not in the submission"
    if is_planted(stub, exercise.name):
        return f"`{exercise.name}` is as it came, with its bug: open exercises/{exercise.module}.py and find it"
    return f"`{exercise.name}` is still the stub: open exercises/{exercise.module}.py and replace the `raise`"


def timed_out(seconds: float) -> str:
    """A call that did not come back."""
    return f"no answer within {seconds:g} s: is there a loop that never ends?"


def died(error: WorkerDied, *, hidden: bool) -> str:
    """A process that ended in the middle of a call."""
    return "the process ended in this check" if hidden else f"the process ended in this check: {error}"


def wrong(found: Difference | None, hidden: bool) -> str:
    """Other values than asked for: the first difference, for a check that is not hidden."""
    if hidden:
        return ""
    return found.sentence if found else "the answer does not have what this check asks for"


def crashed(
    failure: Failure, exercise: Exercise, sources: Mapping[str, str], *, own_stub: bool = False, place: bool = True
) -> str:
    """An exception in the student's code, without its text."""
    if own_stub:
        return f"part of `{exercise.name}` is still the stub"
    known = failure.type in failure.kinds
    kind = failure.type if known else "an exception class of your own"
    line = line_of(failure, sources)
    if not line and failure.type == "AttributeError" and not failure.frames:
        return f"{exercise.module}.py does not define `{exercise.name}`"
    return f"{kind} in {line}" if line and place else f"{kind} was raised"


def line_of(failure: Failure, sources: Mapping[str, str]) -> str:
    """The student's own line, if it is one: a worker may claim any."""
    for frame in reversed(failure.frames):
        module = next((name for name in sources if file_of(name) == frame["file"]), None)
        if module is not None and 1 <= frame["line"] <= sources[module].count("\n") + 1:
            return f"{module}.py, line {frame['line']}"
    return ""


def open_stub(failure: Failure, course: Course, sources: Mapping[str, str]) -> Exercise | None:
    """The exercise whose stub raised, or a part of it that is still open: the line that raised is the stub's own."""
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


def summary(checks: Sequence[CheckResult], named: str | None) -> str:
    """The sentence of an exercise: the named mistake, or the first thing that went wrong."""
    if named is not None:
        return named
    bad = [check for check in checks if check.outcome not in ("passed", "skipped")] or [
        check for check in checks if check.outcome == "skipped"
    ]
    if not bad:
        return ""
    return f"{bad[0].name}: {bad[0].message}" if bad[0].message else f"not so yet: {bad[0].name}"


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
