"""Receive requests, run them, reply.

After the first line of a submission has run, this process *is* the student: it can own everything here, and can only
return wrong numbers. So nothing secret is ever sent here but inputs, and the trusted side judges what comes back.

Requests are dicts with a `verb`; a reply has the number of its request, and replies come in the order of requests:

    load   {modules: {name: text as bytes}}
    helper {text}                              -> number of a helper module, addressed as Name("@0", "function")
    call   {target, args, kwargs, seed, watched, handle, cotangents}
           target is a Name or {handle, method}; where `watched`, the reply says which arguments were changed;
           an object in the result gets the number `handle`, if there is one;
           cotangents (a list, one for each floating tensor of the result) asks for gradients
"""

import os
import sys
from collections.abc import Callable
from typing import Any

import torch

from tfm_quiz.wall.wire.channel import Channel
from tfm_quiz.wall.wire.frames import MAX_TENSORS, ConnectionClosed, Handle, Name, Value, WireError, pack
from tfm_quiz.wall.wire.tensors import changed, tree_from_wire, tree_to_wire

from . import failure, gradients, modules, plotting_stub
from .output import Bounded, captured

FIRST_FREE = 1 << 16  # requests choose the handles below


def serve(channel: Channel) -> None:
    """Answer requests until the trusted side closes the socket."""
    state = _State()
    channel.send(pack({"ready": True}))
    while True:
        try:
            number, request = channel.receive()
        except ConnectionClosed:
            return
        reply = _answer(state, request)
        try:
            frame = pack(reply)
        except WireError as error:
            frame = pack(_refused(error))
        channel.send(frame, number)


class _State:
    """What a worker keeps between requests: helper modules and the objects behind handles."""

    def __init__(self) -> None:
        self.helpers: list[Any] = []
        self.kept: dict[int, Any] = {}
        self.next_handle = FIRST_FREE

    def keeper(self, number: int | None) -> Callable[[Any], Handle]:
        """Return a function that keeps an object of a result, under this number or under a free one."""

        def keep(value: Any) -> Handle:
            if len(self.kept) >= MAX_TENSORS:
                raise WireError("too many objects are kept")
            self.next_handle += number is None
            handle = Handle(self.next_handle if number is None else number)
            self.kept[handle.number] = value
            return handle

        return keep

    def resolve(self, reference: Handle | Name) -> Any:
        if isinstance(reference, Handle):
            return self.kept[reference.number]
        if reference.module.startswith("@"):
            owner = self.helpers[int(reference.module[1:])]
        else:
            owner = modules.load(reference.module)
        return getattr(owner, reference.name)


def _answer(state: _State, request: dict[str, Any]) -> dict[str, Value]:
    verb = request["verb"]
    if verb == "load":
        texts = {name: bytes(text.data).decode("utf-8", "surrogatepass") for name, text in request["modules"].items()}
        modules.install(texts)
        sys.meta_path.insert(0, plotting_stub.finder(texts))  # only here: a notebook's kernel plots
        return {"status": "ok"}
    if verb == "helper":
        number = len(state.helpers)
        state.helpers.append(modules.run_helper(f"helper_{number}", request["text"]))
        return {"status": "ok", "value": number}
    output = Bounded()
    try:
        with captured(output):
            reply = _call(state, request)
    except WireError as error:  # the result is no data
        reply = _refused(error)
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: they are the student's
        reply = failure.describe(error)
    return {**reply, "output": output.text(), "output_cut": output.cut}


def _call(state: _State, request: dict[str, Any]) -> dict[str, Value]:
    torch.default_generator.manual_seed(request.get("seed", 0))  # 100 times faster than torch.manual_seed
    args = tree_from_wire(request.get("args", ()), state.resolve)
    kwargs = tree_from_wire(request.get("kwargs", {}), state.resolve)
    target = request["target"]
    owner: Any = None
    if isinstance(target, dict):
        owner = state.kept[target["handle"].number]
        function = getattr(owner, target["method"]) if target["method"] else owner
    else:
        function = state.resolve(target)
    cotangents = request.get("cotangents")
    if cotangents is None:
        result = function(*args, **kwargs)
        reply: dict[str, Value] = {}
    else:
        result, pulled = gradients.differentiate(function, args, kwargs, tree_from_wire(cotangents), owner)
        reply = tree_to_wire(pulled)
    reply |= {"status": "ok", "value": tree_to_wire(result, state.keeper(request.get("handle")))}
    if request.get("watched"):
        reply["changed"] = changed([request["args"], request["kwargs"]], [args, kwargs])
    return reply


def _refused(error: WireError) -> dict[str, Value]:
    """Return the reply for a result that cannot be sent: a mistake of the student's, reported as one."""
    return {
        "status": "error",
        "kinds": ["WireError"],
        "type": "WireError",
        "message": f"the result cannot be checked: {error}",
        "frames": [],
        "shapes": [],
    }


def live(channel: Channel) -> None:
    """Serve, then exit without running anything that a student registered."""
    try:
        serve(channel)
    except BaseException:  # the trusted side sees a closed connection, and says that the worker died
        os._exit(70)
    os._exit(0)
