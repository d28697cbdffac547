"""Of several files that hold work for a module, choose the one that counts: never a guess, and always said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .inventory import MOST_NAMES, shortened


class Candidate(NamedTuple):
    """A file that may be a module: its source, and its work, a digest for each exercise that is not the stub.

    `rank` is 0 where a module should lie, 1 for its name elsewhere, 2 for a decorated name, 3 for any other.
    """

    path: str
    source: str
    work: Mapping[str, str]
    edited: bool = True  # it is not as it came; perhaps without any work that can be read
    rank: int = 0
    is_helper: bool = False


class Chosen(NamedTuple):
    """The file that counts, if there is one; `told` are the other files that the sentences name."""

    path: str | None = None
    source: str | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def choose(module: str, plain: Sequence[Candidate], others: Sequence[Candidate], rivals: Sequence[str] = ()) -> Chosen:
    """Return the file that counts for a module.

    `rivals` are folders beside the one whose modules are `plain`: other work in them counts as much. `plain` are those
    that lie where a module should, the first place first: the first with work in it counts. Only if none has any, one
    of the `others` does, and only if no other says something else.
    """
    written = [one for one in plain if one.work] or [one for one in plain if one.edited and not others]
    beside = [one for one in others if one.rank == 1 and one.path.startswith(tuple(rivals))]
    if written and any(not written[0].work.items() >= one.work.items() for one in beside):
        return _undecided(module, [written[0], *beside], others)
    if written:
        return _beside(module, written[0], [one for one in plain if one.edited and one is not written[0]], others)
    if not others:
        return Chosen(plain[0].path, plain[0].source) if plain else Chosen()
    best = min(one.rank for one in others)
    first, *equals = [one for one in others if one.rank == best]
    fullest = max([first, *equals], key=lambda one: len(one.work))
    unlike = [one for one in [first, *equals] if not fullest.work.items() >= one.work.items()]
    if unlike:
        return _undecided(module, [first, *equals], others, plain)
    why = f"there is no {module}.py"
    if plain:
        why = f"there is no work in {plain[0].path}" if plain[0].edited else f"{plain[0].path} is still the stub"
    note = f"{shortened(fullest.path)} was taken as {module}.py: {why}."
    later = [one for one in others if one is not fullest and not fullest.work.items() >= one.work.items()]
    return Chosen(
        fullest.path,
        fullest.source,
        problems=tuple(
            f"{shortened(one.path)} holds other work for {module}; {shortened(fullest.path)} counts."
            for one in later
            if not one.is_helper
        ),
        notes=(note,),
        told=tuple(one.path for one in others),
    )


def _undecided(
    module: str, found: Sequence[Candidate], others: Sequence[Candidate], plain: Sequence[Candidate] = ()
) -> Chosen:
    """None of them counts; a stub where the module should lie stays."""
    paths = [shortened(one.path) for one in found[:MOST_NAMES]]
    sentence = (
        f"{', '.join(paths[:-1])} and {paths[-1]} each hold other work for {module}, so none of them was read: hand in "
        f"one, as exercises/{module}.py (and each student's work by itself)."
    )
    told = tuple(one.path for one in others)
    kept = plain[0] if plain else None
    return Chosen(kept.path if kept else None, kept.source if kept else None, (sentence,), told=told)


def _beside(module: str, chosen: Candidate, edited: Sequence[Candidate], others: Sequence[Candidate]) -> Chosen:
    """Keep what lies where it should; report work elsewhere that says something else."""
    both = [one for one in edited if one.source != chosen.source][:1]
    problems = [f"{chosen.path} and {one.path} were both edited; {chosen.path} counts." for one in both]
    problems += [
        f"{shortened(one.path)} holds other work for {module}; {chosen.path} counts."
        for one in others
        if not one.is_helper and not chosen.work.items() >= one.work.items()
    ]
    return Chosen(chosen.path, chosen.source, tuple(problems), told=tuple(one.path for one in others))
