"""The self-check of free text: in the student's own words, hints before answers, one revision, the student's tick."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest

from tfm_quiz.quiz.prose import ProseQuestion, load_rubrics
from tfm_quiz.quiz.prose_check import SelfCheck, differences, self_check

KEYS = "The keys come from the output of the encoder."
ALL = f"{KEYS} The values come from the encoder as well. The queries come from the decoder."


class Script:
    """A student who says what is written here."""

    def __init__(self, revision: str | None = None, ticks: Collection[int] = ()) -> None:
        self.revision = revision
        self.ticks = ticks
        self.said: list[str] = []
        self.asked: list[str] = []

    def tell(self, paragraphs: Sequence[str]) -> None:
        self.said += paragraphs

    def revise(self) -> str | None:
        self.asked.append("revise")
        return self.revision

    def tick(self, ideas: Sequence[str]) -> Collection[int]:
        self.asked.append("tick")
        self.said.append(f"<{len(ideas)} ideas to tick>")
        return self.ticks


@pytest.fixture(scope="module")
def one() -> ProseQuestion:
    found = load_rubrics(Path(__file__).parents[2]).find("A7")
    assert found is not None
    return found


def check(one: ProseQuestion, text: str, script: Script) -> tuple[SelfCheck, str]:
    result = self_check(one, text, script)
    return result, "\n".join(script.said)


def test_found_ideas_quote_the_students_own_sentence(one):
    _, said = check(one, KEYS, Script())
    assert "I found 1 of 3 ideas" in said
    assert f"“{KEYS}”" in said


def test_missing_ideas_are_hints_and_the_answer_comes_after_the_revision(one):
    _, said = check(one, KEYS, Script(revision=ALL))
    before, _, after = said.partition("Now I find 3 of 3 ideas, new:")
    assert before.count("I did not find one idea in your words") == 2
    assert "A good answer:" not in before
    assert "A good answer:" in after


def test_the_second_look_says_which_ideas_are_new_and_which_are_gone(one):
    script = Script(revision=ALL)
    check(one, KEYS, script)
    start = script.said.index("Now I find 3 of 3 ideas, new:")
    new = script.said[start + 1 : script.said.index("A good answer:")]
    known = one.suggest(KEYS)
    assert [said.rpartition(" — ")[2] for said in new] == [p.text for p in known.key_points if p.state != "found"]
    script = Script(revision="The queries come from the decoder.")
    check(one, KEYS, script)
    (lost,) = [point.text for point in known.key_points if point.state == "found"]
    assert f"I no longer find: {lost}" in script.said


def test_there_is_one_revision_and_none_where_everything_was_found(one):
    script = Script(revision=KEYS)
    check(one, KEYS, script)
    assert script.asked == ["revise", "tick"]
    script = Script()
    check(one, ALL, script)
    assert script.asked == ["tick"]


def test_the_tick_and_not_the_grader_closes_the_question(one):
    result, said = check(one, KEYS, Script(ticks=[1, 2, 99, 0]))
    assert result.ticked == (1, 2)
    assert result.found == (1,)
    assert result.share == pytest.approx(2 / 3)
    assert "You ticked 2, which I did not find" in said


def test_disagreement_is_shown_both_ways(one):
    assert len(differences((1,), (2,))) == 2
    assert differences((1, 2), (2, 1)) == []


def test_a_flagged_sentence_is_quoted_with_its_correction_and_section(one):
    _, said = check(one, "The queries come from the encoder, and that is all.", Script())
    assert "Check this sentence" in said
    assert "section 3.2.3" in said


def test_what_is_not_judged_gets_no_list_of_what_is_missing(one):
    _, said = check(one, "", Script())
    assert "I can't judge this one" in said
    assert "did not find" not in said
    assert "A good answer:" in said


def test_no_percentage_is_ever_shown_and_the_footer_says_what_the_words_are_worth(one):
    _, said = check(one, KEYS, Script(ticks=[1]))
    assert "%" not in said
    assert said.splitlines()[-1].startswith("Matched by word patterns")
    assert "in 20" in said.splitlines()[-1]


def test_the_text_that_counts_is_the_last_one(one):
    result, _ = check(one, KEYS, Script(revision=ALL, ticks=[1, 2, 3]))
    assert (result.text, result.revised, result.found) == (ALL, True, (1, 2, 3))
    result, _ = check(one, KEYS, Script(revision="   "))
    assert (result.text, result.revised) == (KEYS, False)
