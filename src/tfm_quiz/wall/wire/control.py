"""Control messages: what the trusted side asks of a zygote, and its replies. JSON, one a packet, in order.

    first, from the zygote                {"ready": true, "level": name, "torch": version}
    {"prepare": text}                     no reply: a helper of ours, compiled once before the next fork
    {"spawn": limits} and a socket        {"worker": pid}
    {"end": pid, "reason": bool}          {"signal": n or 0, "code": n}
        Kill the worker if it still runs. With `reason` wait for its end and say how it ended; else reap it later and
        reply zeros.

Both ends are ours: no byte of a submission travels here.
"""

import json
from typing import Any

MAX_MESSAGE = 1 << 16  # bytes


def encode(message: dict[str, Any]) -> bytes:
    """Return the packet for a message."""
    return json.dumps(message).encode()


def decode(packet: bytes) -> dict[str, Any]:
    """Return the message in a packet."""
    return json.loads(packet)
