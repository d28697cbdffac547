"""The course's own questions: complete, fair, and right. Numbers are computed here a second time."""

from __future__ import annotations

import math
import re
import shutil
import tomllib
from collections.abc import Callable, Iterable
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pytest
import torch

from tfm_quiz.author.questions import graded_prompts, refresh_questions
from tfm_quiz.manifest import load_course
from tfm_quiz.quiz.answers import typed_answer
from tfm_quiz.quiz.bank import Closed
from tfm_quiz.quiz.kinds.blank import Blank
from tfm_quiz.quiz.kinds.choice import Choice
from tfm_quiz.quiz.kinds.code_order import CodeOrder
from tfm_quiz.quiz.kinds.match import Match
from tfm_quiz.quiz.kinds.number import Number
from tfm_quiz.quiz.kinds.numbers import same_number
from tfm_quiz.quiz.kinds.order import Order
from tfm_quiz.quiz.kinds.prose import Prose
from tfm_quiz.quiz.kinds.several import Several
from tfm_quiz.quiz.kinds.shape import Shape
from tfm_quiz.quiz.kinds.tensor import Tensor, same_rows
from tfm_quiz.quiz.kinds.wrong_line import WrongLine
from tfm_quiz.quiz.lint import coverage, lint_bank
from tfm_quiz.quiz.reading import graded_topics, practice_topics, prompt_topics
from tfm_quiz.quiz.sources import read_sources

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
PRACTICE = [question for topic in practice_topics(COURSE) for question in topic.questions]
GRADED = [question for topic in graded_topics(COURSE) for question in topic.questions]
CLOSED = [question for question in PRACTICE + GRADED if isinstance(question, Closed)]
BY_ID = {question.id: question for question in CLOSED}


def test_the_bank_has_nothing_to_mend():
    assert lint_bank(ROOT) == []


def test_every_source_question_has_three_closed_questions_and_the_bank_ninety():
    assert len(CLOSED) >= 90
    for row in coverage(ROOT):
        assert row.practice >= 1, row
        assert row.graded >= 1, row
        assert row.practice + row.graded >= 3, row
    assert {source for question in CLOSED for source in question.source} == set(read_sources(ROOT))


def test_every_source_question_is_asked_in_free_text_and_both_kinds_hold_some():
    prose = [question for question in PRACTICE + GRADED if isinstance(question, Prose)]
    assert {source for question in prose for source in question.source} == set(read_sources(ROOT))
    for kind in (PRACTICE, GRADED):
        assert sum(isinstance(question, Prose) for question in kind) >= 10


@pytest.mark.parametrize("question", CLOSED, ids=lambda question: question.id)
def test_the_key_has_full_marks_and_every_foreseen_mistake_gets_its_own_reply(question):
    assert question.mark(question.key()).right
    match question:
        case Choice() | WrongLine():
            options = question.lines if isinstance(question, WrongLine) else question.options
            for letter, option in zip("abcdefghi", options, strict=False):
                given = question.mark(letter)
                assert given.right == option.correct
                assert option.correct or [r.say for r in given.replies] == [option.say]
        case Several():
            assert question.mark(list("abcdefghi"[: len(question.options)])).share == 0
        case Number() | Shape() | Tensor():
            for near in question.near:
                given = question.mark(near.answer)
                assert (given.share, [r.misconception for r in given.replies]) == (0, [near.misconception])
        case Blank():
            for near in question.near:
                assert [question.mark(words).share for words in near.answer] == [0] * len(near.answer)
        case Order():
            for near in question.near:
                swap = {near.first: near.then, near.then: near.first}
                given = question.mark([swap.get(letter, letter) for letter in question.answer])
                assert given.share < 1
                assert near.misconception in [r.misconception for r in given.replies]
        case Match():
            for near in question.near:
                letters = [*question.answer]
                letters[near.item - 1] = near.chose
                assert near.say in [r.say for r in question.mark(letters).replies]


@pytest.mark.parametrize("question", CLOSED, ids=lambda question: question.id)
def test_the_answer_that_is_shown_would_be_accepted_if_it_were_typed(question):
    shown = question.shown_key().removeprefix("line ")
    assert question.mark(typed_answer(question.prompt(), shown)).right


def test_reasons_are_whole_sentences():
    for question in CLOSED:
        assert re.search(r"[.)”!?]$", question.why.strip()), question.id


def test_no_two_questions_ask_the_same():
    asked = [(question.ask, question.code) for question in CLOSED]
    assert len(set(asked)) == len(asked)


def test_the_generated_question_files_are_fresh():
    assert refresh_questions(ROOT, write=False) == [], "run `tfm-quiz teach stubs`"


def test_generating_mends_what_is_stale_missing_or_left_over(tmp_path):
    for name in ("quiz", "solutions/quiz"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("examples"))
    shutil.copy(ROOT / "course.toml", tmp_path)
    graded = tmp_path / "quiz" / "graded"
    (graded / "masks.toml").write_text("old")
    (graded / "layers.toml").unlink()
    (graded / "left-over.toml").write_text("old")
    stale = ["quiz/graded/masks.toml", "quiz/graded/layers.toml", "quiz/graded/left-over.toml"]
    assert refresh_questions(tmp_path, write=False) == stale
    assert refresh_questions(tmp_path, write=True) == stale
    assert refresh_questions(tmp_path, write=False) == []
    assert (graded / "masks.toml").read_text("utf-8") == (ROOT / "quiz/graded/masks.toml").read_text("utf-8")


def test_what_ships_of_the_graded_questions_betrays_no_key():
    prompts = {prompt.id: prompt for topic in prompt_topics(COURSE) for prompt in topic.questions}
    assert set(prompts) == {question.id for question in GRADED}
    for question in GRADED:
        assert prompts[question.id] == question.prompt()
    shipped = "\n".join((ROOT / name).read_text("utf-8") for name in graded_prompts(ROOT))
    keys = {key for table in tomllib.loads(shipped)["question"] for key in table}
    assert keys <= {"id", "type", "points", "ask", "code", "options", "right"}
    secrets = [q.why for q in GRADED if isinstance(q, Closed)]
    secrets += [o.say for q in GRADED if isinstance(q, Choice | Several) for o in q.options if o.say]
    assert not [secret for secret in secrets if secret in shipped]


def softmax(*scores: float) -> list[list[float]]:
    return [torch.tensor(scores, dtype=torch.float64).softmax(0).tolist()]


def sinusoid(position: int, d_model: int) -> list[list[float]]:
    angles = [position / 10000 ** (2 * (column // 2) / d_model) for column in range(d_model)]
    return [[math.cos(a) if column % 2 else math.sin(a) for column, a in enumerate(angles)]]


def rate(step: int, warmup: int = 4000) -> float:
    return min(step**-0.5, step * warmup**-1.5)


def highest(warmup: int) -> float:
    return max(rate(step, warmup) for step in range(1, 20_001))


def trial_variance(d_k: int) -> float:
    generator = torch.Generator().manual_seed(1)
    query, key = torch.randn(2, 200_000, d_k, generator=generator, dtype=torch.float64)
    return float((query * key).sum(-1).var())


COMPUTED: dict[str, Callable[[], Any]] = {
    "causal-mask-of-three": lambda: (1 - torch.triu(torch.ones(3, 3), diagonal=1)).tolist(),
    "masked-row-of-softmax": lambda: softmax(0, 0, -math.inf, -math.inf),
    "softmax-row-two-keys": lambda: softmax(math.log(3), 0),
    "third-key-added": lambda: softmax(0, 0, 0),
    "filled-with-zero": lambda: softmax(0, 0, 0),
    "encoding-of-position-zero": lambda: sinusoid(0, 4),
    "encoding-of-position-one": lambda: sinusoid(1, 4),
    "roll-without-dims": lambda: torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]]).roll(1).tolist(),
    "masks-repeated-for-heads": lambda: [torch.tensor([0, 1]).repeat(2).tolist()],
    "norm-over-features": lambda: torch.nn.functional.layer_norm(torch.tensor([[1.0, 3], [10, 30]]), (2,)).tolist(),
    "shortest-wavelength": lambda: 2 * math.pi,
    "embedding-deviation": lambda: 512**-0.5 * 512**0.5,
    "scaled-by-the-wrong-root": lambda: math.sqrt(512 / 8),
    "feed-forward-share": lambda: 2 * 512 * 2048 / (2 * 512 * 2048 + 4 * 512 * 512),
    "weights-of-the-feed-forward": lambda: 12 * 2 * 512 * 2048,
    "residuals-in-the-model": lambda: 6 * 2 + 6 * 3,
    "norms-in-a-model": lambda: 4 * 2 + 3 * 3,
    "highest-learning-rate": lambda: highest(8000) / highest(4000),
    "rate-after-warm-up": lambda: rate(16_000) / rate(4_000),
    "rate-at-the-first-step": lambda: rate(1_000) / rate(10),
    "smoothed-target": lambda: 0.9 * 1 + 0.1 / 4,
    "pairs-in-a-causal-mask": lambda: int(torch.ones(5, 5).tril().sum()),
    "equal-cost-length": lambda: next(n for n in range(1, 2000) if n * n * 512 == n * 512 * 512),
    "attention-against-recurrence": lambda: 2000**2 * 500 / (2000 * 500**2),
    "cost-of-long-input": lambda: (3 * 7) ** 2 / 7**2,
    "smoothing-and-perplexity": lambda: math.exp(torch.tensor([0.8] * 5, dtype=torch.float64).log().neg().mean()),
    "loss-without-padding": lambda: 12 / (4 + 2),
    "constant-computation": lambda: 512 / 32,
}


@pytest.mark.parametrize("name", COMPUTED)
def test_the_answer_is_what_comes_out_when_it_is_computed(name):
    question, computed = BY_ID[name], COMPUTED[name]()
    assert isinstance(question, Number | Tensor)
    if isinstance(question, Tensor):
        assert same_rows([list(map(float, row)) for row in computed], question.answer, 1e-4)
    else:
        assert same_number(float(computed), question.answer, 1e-6 * abs(question.answer))


def test_the_variance_of_a_score_is_the_size_of_a_head():
    question = BY_ID["variance-of-scores"]
    assert isinstance(question, Number)
    assert trial_variance(64) == pytest.approx(question.answer, rel=0.02)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("scores-shape", (torch.zeros(2, 8, 5, 64) @ torch.zeros(2, 8, 7, 64).transpose(-2, -1)).shape),
        ("heads-split-features", torch.zeros(2, 10, 512).view(2, 10, 8, 64).transpose(1, 2).shape),
        ("heads-joined-shape", torch.cat([torch.zeros(10, 64)] * 8, dim=-1).shape),
        ("output-shape-of-a-head", (torch.zeros(4, 6, 9) @ torch.zeros(4, 9, 16)).shape),
        ("positions-added-shape", (torch.zeros(2, 10, 512) + torch.zeros(10, 512)).shape),
    ],
)
def test_the_shape_is_what_torch_gives(name, shape):
    question = BY_ID[name]
    assert isinstance(question, Shape)
    assert tuple(question.answer) == tuple(shape)


def test_positions_a_few_turns_apart_are_alike_where_all_frequencies_are_the_fastest():
    # one-frequency-only says that positions 0 and 44 differ by less than 0.02 in every column
    assert abs(math.sin(44)) < 0.02
    assert abs(math.cos(44) - 1) < 0.02


def test_the_wrong_roots_of_the_near_answers_are_what_they_are_called():
    tensor = BY_ID["encoding-of-position-one"]
    assert isinstance(tensor, Tensor)
    near = {n.misconception: n.answer for n in tensor.near}
    exponent = [[(math.sin, math.cos)[c % 2](1 / 10000 ** (c / 4)) for c in range(4)]]
    assert same_rows(near["exponent-uses-column"], exponent, 1e-6)


def test_orders_begin_shuffled_and_are_not_simply_turned_round():
    for question in CLOSED:
        if isinstance(question, Order):
            steps = [ord(b) - ord(a) for a, b in pairwise(question.answer)]
            assert set(steps) not in ({1}, {-1}), question.id


# --- code in order: every order that computes the same earns the same ------------------------------------------------


def attention_of(program: Callable) -> Any:
    generator = torch.Generator().manual_seed(1)
    q, k, v = (torch.randn(2, 3, n, 4, generator=generator) for n in (5, 6, 6))
    mask = torch.ones(2, 1, 5, 6, dtype=torch.bool)
    mask[0, 0, 1, 2:] = False
    return program(q, k, v, mask)


def heads_of(program: Callable) -> Any:
    return program(torch.arange(48.0).view(2, 4, 6).sin(), None)


def decoded(program: Callable) -> Any:
    def model(source: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.one_hot((tokens.cumsum(1) + 3) % 11, 11)

    return program(model, torch.zeros(2, 4), 1, 4)


MAPS = [torch.linspace(-1, 1, 36).mul(i).cos().view(6, 6) for i in (1, 2, 3, 4)]
NAMES: dict[str, Any] = {
    "torch": torch, "math": math, "batch": 2, "length": 4, "heads": 3, "d_k": 2,
    "attention": torch.nn.functional.scaled_dot_product_attention,
    **{name: matrix.__rmatmul__ for name, matrix in zip(("w_q", "w_k", "w_v", "w_o"), MAPS, strict=True)},
}  # fmt: skip
RUNS = {"attention-in-code": attention_of, "heads-in-code": heads_of, "greedy-decoding-in-code": decoded}


def result_of(question: CodeOrder, letters: Iterable[str]) -> Any:
    """What a program of these lines computes; None if it computes nothing."""
    lines = [question.lines["abcdefghi".index(letter)].text for letter in letters]
    names = dict(NAMES)
    try:
        exec("\n".join([question.code.strip("\n"), *lines]), names)
        return RUNS[question.id](names[question.code.split("def ")[1].split("(")[0]])
    except Exception:
        return None


def test_each_code_question_is_run():
    assert {question.id for question in CLOSED if isinstance(question, CodeOrder)} == set(RUNS)


@pytest.mark.parametrize("name", RUNS)
def test_an_order_of_lines_earns_full_marks_just_if_it_computes_the_same(name):
    question = BY_ID[name]
    assert isinstance(question, CodeOrder)
    wanted = result_of(question, question.key())
    assert wanted is not None
    orders = [[*order] for order in permutations(question.key())]
    for i, line in enumerate(question.lines):  # each wrong line in the place of the right one that it stands for
        if line.misconception:
            letter = "abcdefghi"[i]
            places = [question.lines["abcdefghi".index(x)].place for x in question.key()]
            at = [n for n, place in enumerate(places) if place == line.place]
            orders += [[letter if n == m else x for n, x in enumerate(question.key())] for m in at]
    same = 0
    for order in orders:
        found = result_of(question, order)
        equal = found is not None and found.shape == wanted.shape and torch.allclose(found, wanted)
        assert equal == question.mark(order).right, order
        same += equal
    assert same >= 1
