"""Turn a notebook's cell into Python by IPython's rules: magics, shell lines, help, pasted prompts. Nothing is run.

The rules are those of `IPython.core.inputtransformer2`, reimplemented so that a mark does not depend on whether the
grader's machine has IPython; a test holds both to agree. Where IPython would write a call with the whole command in
it, an empty call stands here: what a command says is never looked at.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator, Sequence
from textwrap import dedent
from typing import NamedTuple

from .syntax import LARGEST_TREE

CALL = "get_ipython()"  # what stands in the place of a command
DEFINES = ("%%time", "%%capture", "%%prun")  # cell magics whose body is run in the notebook's own namespace

PROMPT = re.compile(r"((\[nav\]|\[ins\])? )?In \[\d+\]: |\s*\.{3,}: ?")
DOCTEST, DOCTEST_MORE = re.compile(r"\s*>>>[ \t]?"), re.compile(r"\s*\.\.\.[ \t]?")
TRIPLE_QUOTE = re.compile(r"(?<!\\)(\"\"\"|''')")
STRING_PREFIX = re.compile(r"(?i)[rubf]*\Z")
INDEX = re.compile(r"\[-?[0-9]+\]")
ESCAPES = ("!", "?", "%", ",", ";", "/")
LONGEST_INDEX = 30  # characters
MOST_AGAIN = 500  # as in IPython
LAYOUT = (tokenize.INDENT, tokenize.DEDENT)


class Python(NamedTuple):
    """A cell as Python; `magic` is the cell magic because of which it is none, such as `%%bash`."""

    source: str
    magic: str = ""


def as_python(source: str) -> Python:
    """Return the Python of a cell. What is too large to be parsed comes back as it is."""
    if len(source) > LARGEST_TREE:
        return Python(source)
    lines = _cleaned(source)
    while lines and lines[0].startswith("%%") and not re.match(r"%%\w+\?", lines[0]):
        magic = lines[0].split()[0]
        if magic not in DEFINES:
            return Python("", magic)
        lines = _cleaned("".join(lines[1:]))
    return Python("".join(_without_commands(lines)))


def _cleaned(source: str) -> list[str]:
    """Return the lines without empty ones in front, common indent and pasted prompts."""
    lines = (source if source.endswith("\n") else source + "\n").splitlines(keepends=True)
    first = next((number for number, line in enumerate(lines) if not line.isspace()), 0)
    lines = dedent("".join(lines[first:])).splitlines(keepends=True)
    lines = _without_doctest(lines)
    if any(PROMPT.match(line) for line in lines[:2]):
        lines = [PROMPT.sub("", line, count=1) if PROMPT.match(line) else line for line in lines]
    return lines


def _without_doctest(lines: list[str]) -> list[str]:
    """Return the lines without `>>>` and `...`, if there is a `>>>` outside of a string."""
    inside = _in_strings(lines)
    if not any(DOCTEST.match(line) and not within for line, within in zip(lines, inside, strict=True)):
        return lines
    found: list[str] = []
    block: list[str] = []
    stripped = False
    for number, line in enumerate(lines):
        if inside[number]:
            block.append(line)
        else:
            prompt = DOCTEST.match(line) or DOCTEST_MORE.match(line)
            block.append(line[prompt.end() :] if prompt else line)
            stripped = stripped or prompt is not None
        if number + 1 == len(lines) or inside[number + 1] != inside[number]:
            found += dedent("".join(block)).splitlines(keepends=True) if stripped else block
            block, stripped = [], False
    return found


def _in_strings(lines: list[str]) -> list[bool]:
    """Return whether each line lies in a triple-quoted string that stands by itself, by IPython's own rough count."""
    found: list[bool] = []
    quote, alone, prompted = "", False, False
    for line in lines:
        found.append(bool(quote) and alone)
        for mark in TRIPLE_QUOTE.finditer(line):
            if not quote:
                quote = mark[1]
                before = line[: mark.start()]
                rest = DOCTEST_MORE.sub("", DOCTEST.sub("", before, count=1), count=1)
                alone = not (rest != before and prompted) and bool(STRING_PREFIX.match(rest.strip()))
                found[-1] = alone
            elif quote == mark[1]:
                quote, alone = "", False
        prompted = prompted or bool(DOCTEST.match(line))
    return found


def _without_commands(lines: list[str]) -> list[str]:
    """Return each command replaced by a call, from the top down; the lines above a command are not looked at again."""
    at, again = 0, 0
    while at < len(lines) and again < MOST_AGAIN:
        found = next(filter(None, (_command(tokens, lines, at) for tokens in _logical_lines(lines, at))), None)
        if found is None:
            return lines
        first, last, replacement = found
        lines[first : last + 1] = [replacement]
        if replacement.lstrip().startswith(ESCAPES):  # `,!f x` leaves a command
            again += 1
        else:
            at = first + 1
    return lines


def _command(tokens: Sequence[tokenize.TokenInfo], lines: list[str], offset: int) -> tuple[int, int, str] | None:
    """Return the first and last line of the command in this logical line, and what stands for it."""
    start = next((i for i, token in enumerate(tokens) if token.type not in LAYOUT), None)
    if start is None:
        return None
    if len(tokens) > 2 and tokens[-2].string == "?":
        return _help(tokens[start], tokens[-2], lines, offset) or _escaped(tokens[start], lines, offset)
    return _escaped(tokens[start], lines, offset) or _assigned(tokens, lines, offset)


def _help(
    first: tokenize.TokenInfo, mark: tokenize.TokenInfo, lines: list[str], offset: int
) -> tuple[int, int, str] | None:
    start, end = first.start[0] - 1 + offset, mark.start[0] - 1 + offset
    piece = "".join(lines[start : end + 1])
    if not _asks_for_help(piece[first.start[1] :].removesuffix("\n")):
        return None
    return start, end, piece[: first.start[1]] + CALL + "\n"


def _asks_for_help(text: str) -> bool:
    """Return whether a text ends in a name and `?` or `??`; the name may hold `*` and end in indices such as `[0]`.

    Read backwards, once: a pattern would try every place where a name may begin.
    """
    end = len(text.removesuffix("?").removesuffix("?"))
    if end == len(text):
        return False
    while (start := text.rfind("[", max(0, end - LONGEST_INDEX), end)) >= 0 and INDEX.fullmatch(text, start, end):
        end = start
    while end and (text[end - 1].isalnum() or text[end - 1] in "_*"):
        if not text[end - 1].isdecimal():
            return True
        end -= 1
    return False


def _escaped(token: tokenize.TokenInfo, lines: list[str], offset: int) -> tuple[int, int, str] | None:
    """Return a line that begins with `!`, `%`, `?`, or calls what it names: `,f a b`, `;f a b`, `/f a b`."""
    if token.string not in ESCAPES:
        return None
    number, column = token.start[0] - 1 + offset, token.start[1]
    last, text = _continued(lines, number, column)
    name, _, rest = text[1:].partition(" ")
    call = CALL
    if text[0] == ",":
        call = '{}("{}")'.format(name, '", "'.join(rest.split()))
    elif text[0] == ";":
        call = f'{name}("{rest}")'
    elif text[0] == "/":
        if not name:
            return None
        call = f"{name}({', '.join(rest.split())})"
    return number, last, lines[number][:column] + call + "\n"


def _assigned(tokens: Sequence[tokenize.TokenInfo], lines: list[str], offset: int) -> tuple[int, int, str] | None:
    """`name = %magic ...` or `name = !command`."""
    depth = 0
    place = 0
    for place, token in enumerate(tokens):  # noqa: B007 - read after the loop
        if token.string == "=" and not depth:
            break
        depth = max(0, depth + (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}")))
    else:
        return None
    after = [token for token in tokens[place + 1 : place + 4] if not token.string.isspace() or token.string == "\n"]
    if not after:
        return None
    magic = after[0].string == "%" and len(after) > 1 and after[1].type == tokenize.NAME
    shell = after[0].string == "!" and not tokens[place].line.strip().startswith("=")
    if not magic and not shell:
        return None
    number, column = after[0].start[0] - 1 + offset, after[0].start[1]
    last, _ = _continued(lines, number, column)
    return number, last, lines[number][:column] + CALL + "\n"


def _continued(lines: list[str], first: int, column: int) -> tuple[int, str]:
    r"""Return the last line of a command that goes on after each `\`, and its text on one line."""
    last = first
    while last + 1 < len(lines) and lines[last].endswith("\\\n"):
        last += 1
    parts = [lines[first][column:], *lines[first + 1 : last + 1]]
    return last, " ".join([part.rstrip()[:-1] for part in parts[:-1]] + [parts[-1].rstrip()])


def _logical_lines(lines: list[str], first: int) -> Iterator[list[tokenize.TokenInfo]]:
    """Yield the tokens of each logical line from here on, as far as they can be told; commands need not be Python."""
    rest = (lines[number] for number in range(first, len(lines)))
    tokens: list[tokenize.TokenInfo] = []
    depth = 0
    try:
        for token in tokenize.generate_tokens(lambda: next(rest, "")):
            tokens.append(token)
            if token.type == tokenize.NEWLINE or (token.type == tokenize.NL and not depth):
                yield tokens
                tokens = []
            elif token.type == tokenize.OP:
                depth = max(0, depth + (token.string in ("(", "[", "{")) - (token.string in (")", "]", "}")))
    except (tokenize.TokenError, SyntaxError):  # the text ends in a string or a bracket, or is indented oddly
        pass
    if tokens:
        yield tokens
