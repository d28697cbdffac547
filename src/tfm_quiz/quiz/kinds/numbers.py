"""Numbers as people write them: reading, comparing and showing them."""

from __future__ import annotations

import math
import re

from .base import Unclear, quoted

ROUNDED = 0.005  # of a near answer; a right answer has its own tolerance

_PLAIN = r"(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,4})?"
_PI = r"π|pi"
_ATOM = re.compile(rf"(?P<root>√|sqrt)?\(?(?P<base>{_PLAIN}|{_PI})\)?(?:(?:\^|\*\*)(?P<power>[+-]?\d{{1,4}}))?")
_TIMES = re.compile(rf"\s*(?:(?<!\*)\*(?!\*)|[·×])\s*|(?<=[\d)])\s*(?={_PI})")  # 2*pi, 2·π, 2π


def number_in(text: str, how: str) -> float:
    """Return the number that a text means. Raises Unclear."""
    try:
        return read_number(text)
    except ValueError:
        comma = " (with a point, not a comma)" if re.search(r"\d,\d", text) else ""
        raise Unclear(f"{quoted(text)} is not a number that I can read; write {how}{comma}.") from None


def read_number(text: str) -> float:
    """Return a number as people write it: 64, 6.4e1, 1/3, 2*pi, 50%, 2^-9, √64, 65 000 000, -inf. Raises ValueError."""
    plain = text.strip().lower().replace("−", "-").replace("_", "")
    plain = re.sub(r"(?<=\d)[ ,\u00a0\u202f](?=\d{3}(?!\d))", "", plain)  # 65 000 000 and 65,000,000
    sign = -1.0 if plain.startswith("-") else 1.0
    plain = plain.removeprefix("-").removeprefix("+").strip()
    if plain in ("inf", "infinity", "∞"):
        return sign * math.inf
    percent = plain.endswith("%")
    parts = plain.removesuffix("%").split("/")
    if len(parts) > 2:
        raise ValueError(text)
    try:
        values = [_product(part) for part in parts]
        value = sign * values[0] / (values[1] if len(values) == 2 else 1.0) / (100 if percent else 1)
    except ArithmeticError:
        raise ValueError(text) from None
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def finite(value: float, how: str) -> float:
    """Return a number of a file as a float; infinities are numbers. Raises Unclear."""
    try:
        number = float(value)
    except OverflowError:
        number = math.nan
    if math.isnan(number):
        raise Unclear(f"That is not a number that I can use; write {how}.")
    return number


def show_number(value: float) -> str:
    """Return a number without a needless point: 64, 0.5, 65000000, -inf."""
    return str(int(value)) if math.isfinite(value) and value == int(value) else f"{value:.4g}"


def same_number(a: float, b: float, tolerance: float) -> bool:
    """Equal within the tolerance; infinities are equal to themselves alone."""
    if math.isinf(a) or math.isinf(b):
        return a == b
    return abs(a - b) <= tolerance + 1e-9 * abs(b)


def _product(text: str) -> float:
    return math.prod(_atom(factor.strip()) for factor in _TIMES.split(text))


def _atom(text: str) -> float:
    found = _ATOM.fullmatch(text)
    if found is None:
        raise ValueError(text)
    base = math.pi if found["base"] in ("π", "pi") else float(found["base"])
    value = base ** int(found["power"] or 1)
    return math.sqrt(value) if found["root"] else value
