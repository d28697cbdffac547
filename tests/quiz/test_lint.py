"""The lint of the bank: each habit that gives an answer away is found, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfm_quiz.errors import CourseError
from tfm_quiz.quiz.lint import Coverage, coverage_table, lint_bank

MANIFEST = """\
format = 1
id = "small"
title = "A small course"
version = "1"
[[unit]]
id = "rows"
title = "Rows"
[[unit.exercise]]
id = "double"
name = "double"
title = "Double"
points = 1
hints = ["a", "b", "c"]
success = "Well."
[[questions]]
file = "quiz/practice/basics.toml"
title = "The basics"
kind = "practice"
[[questions]]
file = "quiz/graded/basics.toml"
title = "The basics"
kind = "graded"
"""
COMMON = 'source = ["A3"]\nsection = ["3.2.3"]\nask = "Why?"\nwhy = "Because."\n'
WORDS = ("walnut", "violet", "uncle", "turtle")


def choice(name: str, right: int, texts: tuple[str, ...] = WORDS) -> str:
    options = [
        f'{{ text = "{text}", correct = true }}'
        if place == right
        else f'{{ text = "{text}", misconception = "m{place}", say = "No." }}'
        for place, text in enumerate(texts)
    ]
    return f'[[question]]\nid = "{name}"\ntype = "choice"\n{COMMON}options = [{", ".join(options)}]\n\n'


def number(name: str, answer: str = "4", near: str = '[{ answer = 2, misconception = "root", say = "Root." }]') -> str:
    return f'[[question]]\nid = "{name}"\ntype = "number"\n{COMMON}answer = {answer}\nnear = {near}\n\n'


@pytest.fixture
def lint(tmp_path):
    def run(practice: str, graded: str = "") -> list[str]:
        for name, text in {
            "course.toml": MANIFEST,
            "quiz/practice/basics.toml": practice,
            "solutions/quiz/basics.toml": graded or number("graded-one"),
        }.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return lint_bank(tmp_path)

    return run


def test_a_fair_bank_has_nothing_to_mend(lint):
    assert lint("".join(choice(f"q{n}", n % 4) for n in range(16))) == []


def test_a_right_option_that_is_always_in_one_place_is_found(lint):
    said = lint("".join(choice(f"q{n}", 2) for n in range(16)))
    assert "practice: option 3 is the right one in 16 of 16 choices; move some" in said
    assert "practice: option 1 is never the right one in 16 choices; move some there" in said


@pytest.mark.parametrize(("right", "word"), [("a much longer option", "longest"), ("no", "shortest")])
def test_a_right_option_that_its_length_gives_away_is_found(lint, right, word):
    texts = [(*WORDS[:place], right, *WORDS[place + 1 :]) for place in range(4)]
    said = lint("".join(choice(f"q{n}", n % 4, texts[n % 4]) for n in range(16)))
    assert any(f"the right option is the {word} in 16 of 16 choices" in sentence for sentence in said)


def test_one_right_option_that_sticks_out_is_found(lint):
    said = lint(choice("odd", 0, ("walnuts and more walnuts", "violet", "uncle", "turtle")))
    assert said == ["question odd: the right option is far longer than the others"]


def test_options_that_overlap_are_found_but_not_swapped_roles_or_other_numbers(lint):
    contained = ("scores are scaled by the root", "scores are scaled", "uncle and aunt are", "turtles all the way down")
    assert lint(choice("odd", 1, contained)) == ["question odd: options 1 and 2 overlap: one contains the other"]
    alike = ("each key gives a weight to queries", "each key gives a weight to querie", "uncle and aunt", "turtles")
    assert "question odd: options 1 and 2 overlap: one contains the other" in lint(choice("odd", 1, alike))
    swapped = ("queries meet keys", "keys meet queries", "the output of layer 2", "the output of layer 6")
    assert lint(choice("fine", 1, swapped)) == []


def test_a_typed_question_without_a_foreseen_mistake_is_found(lint):
    assert lint(number("odd", near="[]")) == ["question odd: no near answer: which wrong ones will be given, and why?"]


def test_an_example_that_is_the_answer_is_found(lint):
    assert lint(number("odd", "1.75")) == ["question odd: the example of how to answer is the answer"]


def test_an_id_in_practice_and_graded_is_found(lint):
    said = lint(number("same"), number("same"))
    assert said == ["question same: the id is used in practice and graded; practice shows its answers"]


def test_mistakes_of_the_files_are_among_the_findings(lint):
    said = lint(number("odd", '"four"'))
    assert len(said) == 1
    assert "quiz/practice/basics.toml:8: question odd: `answer`" in said[0]


def test_a_file_that_the_manifest_does_not_name_is_found(lint, tmp_path):
    lint(number("fine"))
    (tmp_path / "solutions/quiz/extra.toml").write_text(number("extra"))
    extra = 'solutions/quiz/extra.toml: add it to course.toml as [[questions]] file = "quiz/graded/extra.toml"'
    assert lint_bank(tmp_path) == [extra]


def test_a_source_that_is_asked_in_prose_wants_three_closed_questions(lint):
    prose = (
        '[[question]]\nid = "tell"\ntype = "prose"\nsource = ["B9"]\nsection = ["6.3"]\nask = "Why?"\n'
        'model_answer = "So."\nkey_points = [{ text = "x" }]\n'
    )
    said = lint(number("fine"), number("graded-one").replace("A3", "B9") + prose)
    assert said == ["source B9: 1 closed questions; write at least 3"]


def test_the_coverage_is_a_table():
    table = coverage_table([Coverage("A1", 5, 3, 1)])
    assert [line.split() for line in table.splitlines()] == [
        ["source", "practice", "graded", "prose"],
        ["A1", "5", "3", "1"],
    ]


def test_the_checkout_names_all_its_question_files():
    root = Path(__file__).parents[2]
    assert not [sentence for sentence in lint_bank(root) if "course.toml" in sentence]


def test_a_source_that_the_course_does_not_name_is_said_with_the_nearest(lint, tmp_path):
    (tmp_path / "quiz").mkdir()
    (tmp_path / "quiz" / "sources.toml").write_text('A3 = "What hides the future?"\nA4 = "Why heads?"\n')
    assert lint(number("fine")) == []
    (said,) = lint(number("fine").replace('"A3"', '"AA3"'))
    assert "question fine: source `AA3` is not in quiz/sources.toml; did you mean `A3`?" in said


def several(name: str, right: str) -> str:
    """A question of four options, of which those with an x are right."""
    marks = ["correct = true" if c == "x" else 'misconception = "m", say = "no."' for c in right]
    options = [f'{{ text = "{text}", {mark} }}' for text, mark in zip(WORDS, marks, strict=True)]
    return f'[[question]]\nid = "{name}"\ntype = "several"\n{COMMON}options = [{", ".join(options)}]\n\n'


def wrong_line(name: str, wrong: int) -> str:
    marks = ["correct = true" if place == wrong else 'say = "Right."' for place in range(len(WORDS))]
    lines = [f'{{ text = "{name} {word}", {mark} }}' for word, mark in zip(WORDS, marks, strict=True)]
    return f'[[question]]\nid = "{name}"\ntype = "wrong-line"\n{COMMON}lines = [{", ".join(lines)}]\n\n'


def test_wrong_lines_that_are_always_the_same_two_are_found(lint):
    said = lint("".join(wrong_line(f"q{n}", 2 + n % 2) for n in range(8)))
    assert "wrong-line: number 3 or 4 is the one in nearly all of 8 questions; move some" in said
    assert lint("".join(wrong_line(f"q{n}", n % 4) for n in range(8))) == []


def test_an_option_that_is_nearly_always_right_or_never_is_found_where_several_are(lint):
    said = lint(
        "".join(several(f"q{n}", right) for n, right in enumerate(["x.x.", "x..x", "x.x.", "x.xx", "x.x."] * 2))
    )
    assert "several: option 1 is right in 10 of 10 questions; move some" in said
    assert "several: option 2 is right in 0 of 10 questions; move some there" in said
    assert lint("".join(several(f"q{n}", right) for n, right in enumerate(["x.x.", ".x.x", "xx..", "..xx"] * 3))) == []


def test_pairs_that_stand_side_by_side_and_an_order_that_is_right_as_listed_are_found(lint):
    pairs = 'left = ["one", "two"]\nright = ["ein", "zwei"]\nanswer = ["a", "b"]\n'
    near = 'near = [{ item = 1, chose = "b", misconception = "m", say = "No." }]\n'
    said = lint(f'[[question]]\nid = "odd"\ntype = "match"\n{COMMON}{pairs}{near}')
    assert said == ["question odd: the right answer is the order in which it is listed; list it otherwise"]


def rows(name: str, answer: str) -> str:
    near = 'near = [{ answer = [[9, 9]], misconception = "nine", say = "No." }]'
    return f'[[question]]\nid = "{name}"\ntype = "tensor"\n{COMMON}answer = {answer}\n{near}\n\n'


def test_a_practice_question_with_the_answer_of_a_graded_one_is_found_and_may_be_listed(lint, tmp_path):
    said = lint(rows("easy", "[[0.75, 0.25]]"), rows("hard", "[[0.75, 0.25]]"))
    assert said == [
        "practice easy gives away graded hard: both have the same answer; change one, or list the pair in"
        " quiz/related.toml"
    ]
    related = tmp_path / "quiz" / "related.toml"
    related.write_text('"easy, hard" = "by accident"\n')
    assert lint(rows("easy", "[[0.75, 0.25]]"), rows("hard", "[[0.75, 0.25]]")) == []
    assert lint(rows("easy", "[[0.5, 0.5]]"), rows("hard", "[[0.75, 0.25]]")) == [
        "quiz/related.toml: easy, hard share nothing any more; take the line away"
    ]
    related.write_text('"easy and hard" = "by accident"\n')
    with pytest.raises(CourseError, match='write "practice-id, graded-id" = "a reason"'):
        lint(rows("easy", "[[0.5, 0.5]]"), rows("hard", "[[0.75, 0.25]]"))


def test_a_graded_number_in_a_sentence_of_practice_that_speaks_of_the_same_is_found(lint):
    graded = number("hard", "16").replace("Why?", "How wide is a kernel of the narrowest convolution?")
    tells = number("easy").replace("Because.", "It is good. A convolution with a kernel of 16 is narrow.")
    said = lint(tells, graded)
    assert any("it says “A convolution with a kernel of 16 is narrow.”" in sentence for sentence in said)
    silent = number("easy").replace("Because.", "It is good. A convolution with a kernel of 17 is narrow.")
    assert not any("it says" in sentence for sentence in lint(silent, graded))


def test_a_practice_question_that_shares_many_rare_words_with_a_graded_key_is_found(lint):
    others = "".join(choice(f"q{n}", n % 4) for n in range(40))
    graded = number("hard").replace("Because.", "Perplexity suffers while accuracy and fluency improve.")
    tells = number("easy").replace("Because.", "Accuracy and fluency improve, perplexity suffers.")
    said = lint(others + tells, graded)
    assert any("both speak of accuracy, fluency, improve, perplexity, suffer" in sentence for sentence in said), said


def test_a_section_that_speaks_of_nothing_in_the_question_is_found(lint, tmp_path):
    (tmp_path / "quiz").mkdir(exist_ok=True)
    outline = tmp_path / "quiz" / "outline.toml"
    outline.write_text('"3.2.3" = ["mask", "illegal"]\n"5.1" = ["byte"]\n')
    masks, none = (number("one").replace("Because.", why) for why in ("It is masked.", "Because."))
    assert lint(masks, masks.replace("one", "two")) == []
    assert lint(none.replace('["3.2.3"]', "[]"), masks.replace("one", "two")) == []
    assert lint(none, masks.replace("one", "two")) == [
        "question one: section 3.2.3 speaks of mask, illegal, the question does not;"
        " name the section that gives the reason, or none"
    ]
    said = lint(masks.replace("3.2.3", "6.4"), masks.replace("one", "two"))
    assert said == ["question one: section 6.4 is not in quiz/outline.toml"]
    outline.write_text('"5.1" = "byte"\n')
    with pytest.raises(CourseError, match=r"`5\.1` is not a list of words"):
        lint(masks)
