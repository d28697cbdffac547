"""No attack gets a point more than its honest score, learns anything, changes anything, or stops the run."""

import os
import select

import pytest

from tfm_quiz.grading.pool import Lost
from tfm_quiz.outcome import Report


def report_of(graded, attack) -> Report:
    report = graded.reports[attack.name]
    assert not isinstance(report, Lost), report.why
    return report


def test_an_attack_gains_nothing(graded, attack, bait) -> None:
    if attack.level == "full" and graded.level != "full":
        pytest.skip("`strong` does not promise this")
    results = report_of(graded, attack).exercises
    tried = {name: result.message for name, result in results.items() if result.outcome != "not_attempted"}
    points = sum(result.points for result in results.values())
    assert points == attack.honest or (points < attack.honest and not attack.exactly), tried
    assert "GOT IN" not in graded.shown(attack.name)
    assert bait.secret not in graded.shown(attack.name)


def test_an_attack_does_not_hold_up_the_class(graded, attack) -> None:
    load = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert report_of(graded, attack).seconds < attack.seconds * load


def test_what_a_student_may_read_holds_nothing_of_hidden_inputs(graded, attack) -> None:
    for result in report_of(graded, attack).exercises.values():
        shown = [result.message, result.hint, *(check.message for check in result.checks)]
        assert not [text for text in shown if "LEAK" in text]


def test_nothing_was_changed_and_nobody_was_called(graded, bait) -> None:
    assert bait.snapshot() == bait.tree
    assert not select.select([bait.server, bait.abstract], [], [], 0)[0]


def test_the_graders_do_not_grow(graded) -> None:
    assert graded.grown < 100 << 20
