"""An assembler for the classic BPF that seccomp runs: instructions refer to labels, never to offsets.

A program is a list of `Load`, `JumpIf`, `Return` and `Label`. `assemble` turns labels into offsets and refuses what the
machine cannot express, so that a wrong jump is an error here and never a hole.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

# linux/bpf_common.h
_BPF_LD_W_ABS = 0x20
_BPF_RET_K = 0x06
TESTS = {"==": 0x15, ">": 0x25, ">=": 0x35, "&": 0x45}  # BPF_JMP | BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, all | BPF_K

MAX_INSTRUCTIONS = 4096  # BPF_MAXINSNS
_MAX_JUMP = 255


@dataclass(frozen=True)
class Load:
    """Take the 32-bit word at `offset` of struct seccomp_data into the accumulator."""

    offset: int


@dataclass(frozen=True)
class JumpIf:
    """Go to label `target` if the accumulator stands in relation `test` to `value`; otherwise go on."""

    test: str
    value: int
    target: str


@dataclass(frozen=True)
class Return:
    """End with `action`, a SECCOMP_RET_ value."""

    action: int


@dataclass(frozen=True)
class Label:
    """A target of jumps. It is not an instruction."""

    name: str


Instruction = Load | JumpIf | Return | Label


def assemble(program: Sequence[Instruction]) -> bytes:
    """Assemble a program into an array of struct sock_filter.

    Raises ValueError for a label that is unknown, given twice, behind the jump or too far away, for a program that
    can run off its end, and for one that is too long.
    """
    places = _places(program)
    code, at = bytearray(), 0
    for instruction in program:
        match instruction:
            case Label():
                continue
            case Load(offset):
                code += _instruction(_BPF_LD_W_ABS, 0, 0, offset)
            case Return(action):
                code += _instruction(_BPF_RET_K, 0, 0, action)
            case JumpIf(test, value, target):
                if target not in places:
                    raise ValueError(f"no label {target!r}")
                distance = places[target] - at - 1
                if not 0 <= distance <= _MAX_JUMP:
                    raise ValueError(f"label {target!r} is {distance} instructions ahead; 0 to {_MAX_JUMP} can be said")
                code += _instruction(TESTS[test], distance, 0, value)
        at += 1
    if at > MAX_INSTRUCTIONS:
        raise ValueError(f"{at} instructions; the kernel takes {MAX_INSTRUCTIONS}")
    if not program or not isinstance(program[-1], Return):
        raise ValueError("a program must end with a Return")
    return bytes(code)


def _places(program: Sequence[Instruction]) -> dict[str, int]:
    places: dict[str, int] = {}
    at = 0
    for instruction in program:
        if isinstance(instruction, Label):
            if instruction.name in places:
                raise ValueError(f"label {instruction.name!r} is given twice")
            places[instruction.name] = at
        else:
            at += 1
    return places


def _instruction(code: int, jump_true: int, jump_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, jump_true, jump_false, value)
