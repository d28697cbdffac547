"""What a rubric read in an answer of free text, as a comment for the person who gives the points."""

from __future__ import annotations

from tfm_quiz.quiz.prose import KeyPointRead, Suggestion
from tfm_quiz.untrusted import for_terminal

HEADINGS = {"found": "Found", "unsure": "Not sure", "not_found": "Not found"}
MOST_EVIDENCE = 200  # characters of a student's sentence that are quoted


def comment(suggestion: Suggestion) -> str:
    """Return the suggestion in words; it names points, and gives none."""
    points = f"{suggestion.points:g} of {suggestion.out_of:g}"
    lines = [f"Suggested: {points} points. They count once a person has entered a score."]
    lines += [for_terminal(reason, lines=False) for reason in suggestion.reasons if not reason.startswith("This ")]
    for state, heading in HEADINGS.items():
        read = [point for point in suggestion.key_points if point.state == state]
        if read:
            lines.append(f"{heading}:")
            lines += [f"  - {point.text}{_evidence(point)}" for point in read]
    if suggestion.misconceptions:
        lines.append("Reads like a misconception:")
        lines += [f"  - {flag.text} {flag.say} ({_quoted(flag.evidence)})" for flag in suggestion.misconceptions]
    return "\n".join(lines)


def _evidence(point: KeyPointRead) -> str:
    return f" ({'; '.join(map(_quoted, point.evidence))})" if point.evidence else ""


def _quoted(sentence: str) -> str:
    clean = for_terminal(sentence, lines=False)
    return f"“{clean if len(clean) <= MOST_EVIDENCE else clean[: MOST_EVIDENCE - 1] + '…'}”"
