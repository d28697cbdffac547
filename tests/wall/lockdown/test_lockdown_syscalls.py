"""The committed table of system call numbers is what the Linux headers say, wherever there are any."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tfm_quiz.wall.lockdown import kernel
from tfm_quiz.wall.lockdown.syscalls import NUMBERS

TOOL = Path(__file__).parents[3] / "tools" / "make_syscalls.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("make_syscalls", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text_of(header: Path) -> str:
    if not header.is_file():
        pytest.skip(f"no {header} here: the package linux-libc-dev has it")
    return header.read_text("ascii")


def test_the_table_has_every_name_that_is_used_and_no_other(tool):
    assert sorted(NUMBERS) == tool.names()


def test_x86_64_is_as_its_header_says(tool):
    header = tool.x86_64(text_of(tool.X86_64))
    assert kernel.MACHINES["x86_64"].numbers == {name: header[name] for name in NUMBERS if name in header}


def test_aarch64_is_as_the_generic_header_says(tool):
    header = tool.generic(text_of(tool.GENERIC))
    assert kernel.MACHINES["aarch64"].numbers == {name: header[name] for name in NUMBERS if name in header}


def test_the_running_machine_is_as_ausyscall_says():
    here = kernel.machine()
    if here is None or shutil.which("ausyscall") is None:
        pytest.skip("no ausyscall here: the package auditd has it")
    said = subprocess.run(["ausyscall", "--dump"], capture_output=True, text=True, check=True).stdout
    known = {name: int(number) for number, name in re.findall(r"^(\d+)\t(\w+)$", said, re.MULTILINE)}
    assert {name: known[name] for name in here.numbers if name in known} == {
        name: number for name, number in here.numbers.items() if name in known
    }


def test_the_table_says_where_it_is_from():
    text = (TOOL.parents[1] / "src/tfm_quiz/wall/lockdown/syscalls.py").read_text("utf-8")
    assert re.search(r"Made by tools/make_syscalls.py from the headers of Linux \d+\.\d+\.\d+", text)


def test_a_name_of_another_width_is_not_taken_for_one_of_64_bits(tool):
    header = (
        "#define __NR_read 63\n#define __NR3264_lseek 62\n#if __BITS_PER_LONG == 64 && !defined(X)\n"
        "#define __NR_lseek __NR3264_lseek\n#define __NR_stat __NR3264_stat\n#else\n"
        "#define __NR_llseek __NR3264_lseek\n#endif\n"
    )
    assert tool.generic(header) == {"read": 63, "lseek": 62}
