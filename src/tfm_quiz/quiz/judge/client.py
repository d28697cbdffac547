"""One request to an OpenAI-compatible endpoint: where it is, a deadline for the whole of it, a cap on the reply."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from tfm_quiz.errors import CouldNotCheck, UsageProblem

URL, MODEL, KEY = "TFM_JUDGE_URL", "TFM_JUDGE_MODEL", "TFM_JUDGE_KEY"
MAX_REPLY = 256 * 1024  # bytes of a whole HTTP reply
MAX_TOKENS = 2000
SECONDS = 60.0


class JudgeFailed(CouldNotCheck):
    """The judge gave no usable reply: it cannot be reached, is too slow, or says what it may not say."""


@dataclass(frozen=True)
class Endpoint:
    """Where a judge is asked. The key is never shown."""

    url: str
    model: str
    key: str = ""
    seconds: float = SECONDS  # for a whole request

    def __repr__(self) -> str:
        return f"Endpoint({self.url!r}, {self.model!r})"

    @property
    def local(self) -> bool:
        """Return whether answers stay on this machine."""
        host = urlsplit(self.url).hostname or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


def endpoint_from(environment: Mapping[str, str] | None = None, seconds: float = SECONDS) -> Endpoint:
    """Return the endpoint that the environment names. Raises UsageProblem if it does not, or not safely."""
    values = os.environ if environment is None else environment
    url, model, key = values.get(URL, "").strip(), values.get(MODEL, "").strip(), values.get(KEY, "")
    if not url or not model:
        raise UsageProblem(
            "There is no judge to ask.",
            next_step=f"Set {URL} (such as http://127.0.0.1:8080/v1) and {MODEL}, and {KEY} if it needs a key.",
        )
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise UsageProblem(f"{URL} is {url!r}: write a plain address such as https://host/v1.")
    endpoint = Endpoint(url.rstrip("/"), model, key, seconds)
    if parts.scheme == "http" and not endpoint.local:
        raise UsageProblem(
            f"{URL} is plain http to another machine: answers{' and the key' if key else ''} would travel unencrypted.",
            next_step="Use https, or an endpoint on this machine.",
        )
    return endpoint


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Completion(msgspec.Struct):
    choices: list[_Choice]


def complete(endpoint: Endpoint, messages: Sequence[Mapping[str, str]]) -> str:
    """Return the text with which the model replies. Raises JudgeFailed, in a sentence; follows no redirect."""
    body = {
        "model": endpoint.model,
        "messages": messages,
        "temperature": 0,
        "max_tokens": MAX_TOKENS,
        "response_format": {"type": "json_object"},
    }
    raw = _post(endpoint, msgspec.json.encode(body))
    try:
        completion = msgspec.json.decode(raw, type=_Completion)
        content = completion.choices[0].message.content
    except (msgspec.DecodeError, UnicodeDecodeError, IndexError) as error:
        raise JudgeFailed("The judge's reply is not a chat completion.", where=endpoint.url) from error
    if not content:
        raise JudgeFailed("The judge's reply is empty.", where=endpoint.url)
    return content


def _post(endpoint: Endpoint, body: bytes) -> bytes:
    parts = urlsplit(endpoint.url)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, endpoint.seconds)
    deadline: _Deadline | None = None
    try:
        connection.connect()
        deadline = _Deadline(connection.sock, endpoint.seconds)
        connection.request("POST", f"{parts.path}/chat/completions", body, headers)
        reply = connection.getresponse()
        if reply.status != 200:
            raise JudgeFailed(f"The judge answers with HTTP status {reply.status}.", where=endpoint.url)
        data = reply.read(MAX_REPLY + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if isinstance(error, TimeoutError) or (deadline and deadline.passed):
            raise JudgeFailed(
                f"The judge took longer than {endpoint.seconds:g} seconds.", where=endpoint.url
            ) from error
        reason = str(error) or type(error).__name__
        raise JudgeFailed(f"The judge cannot be asked: {reason}.", where=endpoint.url) from error
    finally:
        if deadline:
            deadline.cancel()
        connection.close()
    if deadline.passed:
        raise JudgeFailed(f"The judge took longer than {endpoint.seconds:g} seconds.", where=endpoint.url)
    if len(data) > MAX_REPLY:
        raise JudgeFailed(f"The judge's reply is longer than {MAX_REPLY // 1024} KiB.", where=endpoint.url)
    return data


class _Deadline:
    """Ends a connection after so many seconds: a socket's own timeout restarts with every byte that arrives."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self.passed = False
        self._sock = sock
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def cancel(self) -> None:
        """The reply is there."""
        self._timer.cancel()

    def _end(self) -> None:
        self.passed = True
        with contextlib.suppress(OSError):  # it has ended by itself
            self._sock.shutdown(socket.SHUT_RDWR)


def _connection(scheme: str, host: str, port: int | None, seconds: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=seconds)
