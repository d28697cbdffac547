"""What a student's code prints, bounded."""

import contextlib
import io
from collections.abc import Generator

MAX_OUTPUT = 8 << 10


class Bounded(io.TextIOBase):
    """A text stream that keeps the first `limit` characters and drops the rest."""

    def __init__(self, limit: int = MAX_OUTPUT) -> None:
        super().__init__()
        self.limit, self.size, self.cut = limit, 0, False
        self.parts: list[str] = []

    def writable(self) -> bool:
        """Return True: it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Keep as much as there is room for."""
        room = self.limit - self.size
        if room < len(text):
            self.cut = True
        if room > 0:
            self.parts.append(str(text[:room]))
            self.size += min(room, len(text))
        return len(text)

    def text(self) -> str:
        """Return what was kept, as text that UTF-8 can encode."""
        return "".join(self.parts).encode("utf-8", "replace").decode("utf-8")


@contextlib.contextmanager
def captured(stream: Bounded) -> Generator[None]:
    """Send print, warnings and logging of this block to `stream`."""
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        yield
