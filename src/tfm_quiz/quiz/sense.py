"""What the types of a question cannot say: that it has a right answer, and that every near answer is really wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from .bank import LETTERS, Blank, Choice, Match, Number, Option, Order, Question, Several, Shape, Tensor, WrongLine
from .kinds import normal_text, same_number, same_rows

Complaint = tuple[tuple[str | int, ...], str]  # where inside the question, and what is wrong


def complaints(question: Question) -> Iterator[Complaint]:
    """Everything about a well-typed question that makes no sense."""
    match question:
        case Choice():
            yield from _options("options", question.options, one=True)
        case Several():
            yield from _options("options", question.options, one=False)
        case WrongLine():
            yield from _options("lines", question.lines, one=True, named=False)
        case Number():
            for i, near in enumerate(question.near):
                if same_number(near.answer, question.answer, question.tolerance):
                    yield ("near", i, "answer"), f"near answer {i + 1} would count as right"
            yield from _distinct("near", [n.answer for n in question.near])
        case Shape():
            for i, near in enumerate(question.near):
                if near.answer == question.answer:
                    yield ("near", i, "answer"), f"near answer {i + 1} is the right answer"
            yield from _distinct("near", [n.answer for n in question.near])
        case Tensor():
            yield from _tensor(question)
        case Blank():
            accepted = set(map(normal_text, question.answer))
            if "" in accepted:
                yield ("answer",), "`answer` holds a text without letters"
            for i, near in enumerate(question.near):
                if shared := accepted & set(map(normal_text, near.answer)):
                    yield ("near", i, "answer"), f"near answer {i + 1} is accepted as right: {', '.join(shared)}"
        case Order():
            yield from _order(question)
        case Match():
            yield from _match(question)


def _options(key: str, options: Sequence[Option], *, one: bool, named: bool = True) -> Iterator[Complaint]:
    word = key.removesuffix("s")
    if not 2 <= len(options) <= len(LETTERS):
        yield (key,), f"{len(options)} {key}; write 2 to {len(LETTERS)}"
    right = sum(option.correct for option in options)
    if one and right != 1:
        yield (key,), f"{right} {key} are marked correct = true; exactly one must be"
    if not one and (right == 0 or right == len(options)):
        yield (key,), f"{right} of {len(options)} {key} are marked correct = true; some must be and some must not"
    for i, option in enumerate(options):
        if option.correct and option.misconception:
            yield (key, i, "misconception"), f"{word} {i + 1} is right and names a misconception"
        if not option.correct and not option.say.strip():
            yield (key, i), f"{word} {i + 1} is wrong and has no `say`: a wrong answer is told why"
        if named and not option.correct and not option.misconception:
            yield (key, i), f'{word} {i + 1} is wrong and names no `misconception`, such as "softmax-over-queries"'
    yield from _distinct(key, [" ".join(option.text.split()) for option in options])


def _tensor(question: Tensor) -> Iterator[Complaint]:
    for place, rows in [
        (("answer",), question.answer),
        *((("near", i), n.answer) for i, n in enumerate(question.near)),
    ]:
        if len({len(row) for row in rows}) != 1:
            yield place, "the rows of a tensor must have the same length"
            return
    for i, near in enumerate(question.near):
        if same_rows(near.answer, question.answer, question.tolerance):
            yield ("near", i, "answer"), f"near answer {i + 1} would count as right"
    yield from _distinct("near", [n.answer for n in question.near])


def _order(question: Order) -> Iterator[Complaint]:
    letters = list(LETTERS[: len(question.items)])
    if sorted(question.answer) != letters:
        yield ("answer",), f"`answer` must hold each of {', '.join(letters)} once"
        return
    if question.answer == letters:
        yield ("items",), "the items stand in the right order already; shuffle them in the file"
    for i, near in enumerate(question.near):
        if not {near.first, near.then} <= set(letters) or near.first == near.then:
            yield ("near", i), f"near answer {i + 1} needs two different letters of {', '.join(letters)}"
        elif question.answer.index(near.first) < question.answer.index(near.then):
            yield ("near", i), f"near answer {i + 1}: {near.first} before {near.then} is right"
    yield from _distinct("items", question.items)


def _match(question: Match) -> Iterator[Complaint]:
    letters = LETTERS[: len(question.right)]
    if len(question.answer) != len(question.left):
        yield ("answer",), f"`answer` needs {len(question.left)} letters, one for each item on the left"
        return
    if outside := [letter for letter in question.answer if letter not in letters]:
        yield ("answer",), f"`answer` holds {outside[0]}, but the right side ends at {letters[-1]}"
    for i, near in enumerate(question.near):
        if near.item > len(question.left) or near.chose not in letters:
            yield ("near", i), f"near answer {i + 1} speaks of a pair that does not exist"
        elif question.answer[near.item - 1] == near.chose:
            yield ("near", i), f"near answer {i + 1} is the right pair"
    yield from _distinct("left", question.left)
    yield from _distinct("right", question.right)


def _distinct(key: str, values: Sequence[object]) -> Iterator[Complaint]:
    for (i, first), (j, second) in combinations(enumerate(values), 2):
        if first == second:
            yield (key, j), f"`{key}` {i + 1} and {j + 1} are the same"
