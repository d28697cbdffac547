"""Write src/tfm_quiz/wall/lockdown/syscalls.py from the Linux headers of this machine.

    python tools/make_syscalls.py            print the table
    python tools/make_syscalls.py --write    write it

x86_64's numbers stand in asm/unistd_64.h, aarch64's in asm-generic/unistd.h, which each Linux machine has: Debian
calls the package linux-libc-dev. System call numbers never change once they are in a released kernel, so the version
matters only for calls that are new.
"""

import re
import sys
from pathlib import Path

from tfm_quiz.wall.lockdown import kernel, seccomp

INCLUDE = Path("/usr/include")
X86_64 = INCLUDE / "x86_64-linux-gnu" / "asm" / "unistd_64.h"
GENERIC = INCLUDE / "asm-generic" / "unistd.h"
VERSION = INCLUDE / "linux" / "version.h"
TABLE = Path(__file__).parents[1] / "src" / "tfm_quiz" / "wall" / "lockdown" / "syscalls.py"

_DEFINED = re.compile(r"^#define\s+__NR(3264)?_(\w+)\s+(\d+)", re.MULTILINE)
_RENAMED = re.compile(r"^#define\s+__NR_(\w+)\s+__NR3264_(\w+)", re.MULTILINE)


def names() -> list[str]:
    """Return the calls that the filter lets through and those that the lock-down and its tests make."""
    return sorted({*seccomp.ALLOWED, *seccomp.ALLOWED_WITH, *kernel.CALLS})


def x86_64(header: str) -> dict[str, int]:
    """Return the numbers in asm/unistd_64.h."""
    return {name: int(number) for _, name, number in _DEFINED.findall(header)}


def generic(header: str) -> dict[str, int]:
    """Return the numbers in asm-generic/unistd.h as a 64-bit machine has them.

    Calls whose name depends on the width of a word are defined as __NR3264_name, and named in a list at the end: first
    for 64 bits, then for 32.
    """
    rows = _DEFINED.findall(header)
    plain = {name: int(number) for wide, name, number in rows if not wide}
    by_width = {name: int(number) for wide, name, number in rows if wide}
    of_64_bits = header[header.rindex("#if __BITS_PER_LONG == 64") :].partition("\n#else")[0]
    return plain | {name: by_width[source] for name, source in _RENAMED.findall(of_64_bits) if source in by_width}


def version(header: str) -> str:
    """Return the version in linux/version.h, as 6.1.0."""
    (code,) = re.findall(r"LINUX_VERSION_CODE (\d+)", header)
    return f"{int(code) >> 16}.{int(code) >> 8 & 255}.{int(code) & 255}"


def table() -> str:
    """Return the text of syscalls.py."""
    intel, arm = x86_64(X86_64.read_text("ascii")), generic(GENERIC.read_text("ascii"))
    lines = [
        '"""System call numbers: those that the filter lets through, and those that the lock-down makes.',
        "",
        f"Made by tools/make_syscalls.py from the headers of Linux {version(VERSION.read_text('ascii'))}: "
        "asm/unistd_64.h for x86_64,",
        "asm-generic/unistd.h for aarch64. `None`: that machine has no such call.",
        '"""',
        "",
        "NUMBERS: dict[str, tuple[int | None, int | None]] = {  # name: (x86_64, aarch64)",
        *(f'    "{name}": ({intel.get(name)}, {arm.get(name)}),' for name in names()),
        "}",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        TABLE.write_text(table(), "utf-8")
    else:
        print(table(), end="")
