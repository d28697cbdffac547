"""Frames over a socket, with a deadline where the other end is not trusted."""

import select
import socket
import time

from .frames import PREFIX, ConnectionClosed, Frame, Value, unpack, unpack_prefix

_CHUNK = 1 << 18


class OutOfTime(Exception):
    """The other end did not send (or take) a whole frame before the deadline."""


class Channel:
    """One end of a socket. With `patient` it waits without limit, else until the deadline of each call.

    It reads what has arrived, often several frames at once. A frame that lies about its length costs no memory.
    """

    def __init__(self, sock: socket.socket, *, patient: bool = False) -> None:
        sock.setblocking(patient)
        self.sock = sock
        self.arrived = bytearray()
        self.room = sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) // 2  # bytes that can surely be sent unread

    def send(self, frame: Frame, number: int = 0, deadline: float | None = None) -> None:
        """Send one frame. Raises ConnectionClosed, and OutOfTime after `deadline` (of time.monotonic)."""
        left = memoryview(frame.numbered(number))
        while left:
            try:
                left = left[self.sock.send(left[:_CHUNK]) :]
            except BlockingIOError:
                _wait(deadline, writing=self.sock)
            except (BrokenPipeError, ConnectionResetError) as error:
                raise ConnectionClosed("the other end is gone") from error

    def receive(self, deadline: float | None = None) -> tuple[int, Value]:
        """Return the next frame: its number and its value.

        Raises ConnectionClosed at the end, WireError for a broken frame, OutOfTime after `deadline`.
        """
        self._wait_for(PREFIX.size, deadline)
        number, header, payload = unpack_prefix(self.arrived[: PREFIX.size])
        start, end = PREFIX.size + header, PREFIX.size + header + payload
        self._wait_for(end, deadline)
        value = unpack(self.arrived[PREFIX.size : start], self.arrived[start:end])
        del self.arrived[:end]
        return number, value

    def has_waiting_bytes(self) -> bool:
        """Return whether unsolicited data is waiting, or the other end has closed."""
        return bool(self.arrived) or bool(select.select([self.sock], [], [], 0)[0])

    def close(self) -> None:
        """Close this end."""
        self.sock.close()

    def _wait_for(self, size: int, deadline: float | None) -> None:
        while len(self.arrived) < size:
            if deadline is not None and time.monotonic() > deadline:  # it may come drop by drop
                raise OutOfTime
            try:
                chunk = self.sock.recv(_CHUNK)
            except BlockingIOError:
                _wait(deadline, reading=self.sock)
                continue
            except ConnectionResetError as error:
                raise ConnectionClosed("the other end is gone") from error
            if not chunk:
                raise ConnectionClosed("the other end closed the connection")
            self.arrived += chunk


def _wait(
    deadline: float | None, *, reading: socket.socket | None = None, writing: socket.socket | None = None
) -> None:
    left = None if deadline is None else max(0.0, deadline - time.monotonic())
    ready = select.select([reading] if reading else [], [writing] if writing else [], [], left)
    if not any(ready):
        raise OutOfTime
