"""Frames over a socket, with a deadline where the other end is not to be trusted."""

import select
import socket
import time

from .wire import PREFIX, Closed, Value, WireError, pack, unpack, unpack_prefix

_CHUNK = 1 << 18


class OutOfTime(Exception):
    """The other end did not send (or take) a whole frame before the deadline."""


def send(sock: socket.socket, value: Value, deadline: float | None = None) -> None:
    """Send one value. Raises WireError if it is no data, OutOfTime after `deadline` (of time.monotonic)."""
    buffers = pack(value)
    data = b"".join(buffers)  # one copy: cheaper than a system call a tensor
    view, sent = memoryview(data), 0
    while sent < len(data):
        _wait(sock, deadline, writing=True)
        try:
            sent += sock.send(view[sent : sent + _CHUNK])
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Closed("the other end is gone") from error


def receive(sock: socket.socket, deadline: float | None = None) -> Value:
    """The next value. Raises Closed at the end, WireError for a broken frame, OutOfTime after `deadline`.

    Buffers grow with the bytes that arrive, so a frame that lies about its length costs no memory.
    """
    header_size, payload_size = unpack_prefix(bytes(_read(sock, PREFIX.size, deadline)))
    header = _read(sock, header_size, deadline)
    return unpack(header, _read(sock, payload_size, deadline))


def has_waiting_bytes(sock: socket.socket) -> bool:
    """Whether something has arrived (or the other end has closed) that nobody asked for."""
    ready, _, _ = select.select([sock], [], [], 0)
    return bool(ready)


def _read(sock: socket.socket, size: int, deadline: float | None) -> bytearray:
    data = bytearray()
    while len(data) < size:
        _wait(sock, deadline, writing=False)
        try:
            chunk = sock.recv(min(_CHUNK, size - len(data)))
        except ConnectionResetError as error:
            raise Closed("the other end is gone") from error
        if not chunk:
            raise Closed("the other end closed the connection")
        data += chunk
    return data


def _wait(sock: socket.socket, deadline: float | None, *, writing: bool) -> None:
    if deadline is None:
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise OutOfTime
    ready = select.select([] if writing else [sock], [sock] if writing else [], [], left)
    if not any(ready):
        raise OutOfTime


__all__ = ["Closed", "OutOfTime", "WireError", "has_waiting_bytes", "receive", "send"]
