"""The worker of one exercise of one submission: started when a test wants it, replaced when it has died."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tfm_quiz.wall.host.reply import WallError, WorkerDied, WorkerTimedOut
from tfm_quiz.wall.host.workers import Workers
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.wire.frames import Name

from .call_limits import CallLimits
from .remote import RemoteSide, open_side

MAX_IMPORTS = 2  # of one module that end in a time-out or a death: the second, because a machine may have been busy


class ImportFailures:
    """The imports of one submission's modules that cost a worker.

    A module that loops while it is imported would otherwise be waited for once in each of its exercises.
    """

    def __init__(self) -> None:
        self.failed: dict[str, list[tuple[float, WallError]]] = {}
        self.by_definitions: dict[str, bool] = {}  # of modules that do not load whole: whether their definitions do

    def add(self, module: str, seconds: float, error: WorkerTimedOut | WorkerDied) -> None:
        """Remember what importing this module within `seconds` led to."""
        self.failed.setdefault(module, []).append((seconds, error))

    def known(self, module: str, seconds: float) -> WallError | None:
        """Return the error of another try, once that is clear. A longer limit is worth a try of its own."""
        tried = [error for limit, error in self.failed.get(module, []) if limit >= seconds]
        return tried[-1].with_traceback(None) if len(tried) >= MAX_IMPORTS else None


@dataclass
class WorkerSlot:
    """The worker of one exercise. `cpu_seconds` and `seconds` are stretched by `time_factor`."""

    workers: Workers
    target: Name
    sources: Mapping[str, str]  # what is sent
    staged: str | None
    mb: int
    cpu_seconds: float  # of one worker; the limit of a single call is kept from outside
    time_factor: float = 1.0
    imports: ImportFailures = field(default_factory=ImportFailures)
    calls: CallLimits = field(default_factory=lambda: CallLimits(0.0))
    by_definitions: Callable[[], Mapping[str, str]] | None = None  # what is sent once loading `sources` has failed
    open: RemoteSide | None = None
    cpu_limit: float = 0.0  # of the worker that was started last

    def side(self, seconds: float, *, lab: bool = False) -> RemoteSide:
        """Return the student's side for a test. Raises WallError if the module cannot be imported or lacks the name."""
        seconds *= self.time_factor
        self.calls.seconds, self.calls.lab = seconds, lab
        if self.open is None or self.open.worker.ended is not None:
            self.open = self._opened(seconds)
        self.open.built.clear()  # modules live as long as the test that built them
        return self.open

    def close(self) -> None:
        """End the worker."""
        if self.open is not None:
            self.open.worker.close()

    def _opened(self, seconds: float) -> RemoteSide:
        module = self.target.module
        alone = self.imports.by_definitions.get(module)
        if alone and self.by_definitions is not None:
            return self._loaded(self.by_definitions(), seconds)
        try:
            return self._loaded(self.sources, seconds)
        except WallError as error:
            if self._is_cut(error):
                raise
            if self.by_definitions is None or alone is False or (parts := self.by_definitions()) == self.sources:
                raise
            try:
                side = self._loaded(parts, seconds)
            except WallError as again:
                if not self._is_cut(again):
                    self.imports.by_definitions[module] = False
                raise error from None  # what the student's own text leads to
            self.imports.by_definitions[module] = True
            return side

    def _loaded(self, sources: Mapping[str, str], seconds: float) -> RemoteSide:
        known = self.imports.known(self.target.module, seconds)
        if known is not None:
            raise known
        self.cpu_limit = max(self.cpu_seconds * self.time_factor, 2 * seconds)
        limits = Limits(cpu_seconds=self.cpu_limit, memory_mb=self.mb)
        try:
            return open_side(self.workers, self.target, sources, self.staged, limits, self.calls)
        except (WorkerTimedOut, WorkerDied) as error:
            if not self._is_cut(error):
                self.imports.add(self.target.module, seconds, error)
            raise

    def _is_cut(self, error: WallError) -> bool:
        """Return whether the call had less than its own time limit: then nothing is known of the module."""
        return isinstance(error, WorkerTimedOut) and self.calls.is_cut
