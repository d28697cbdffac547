"""Follow-through: an error in one exercise must not be paid for twice.

When an exercise fails and one that it needs has lost points in this run, it is graded once more with that dependency
supplied. What is supplied is cut out of the reference by syntax tree: the needed definitions, what they need
themselves, and the imports and helpers that they use. Never the whole module, the graded exercise or a variant.
"""

import ast
from collections.abc import Iterable, Mapping
from functools import lru_cache

from tfm_quiz.course import Course, Exercise
from tfm_quiz.markers import BEGIN, END
from tfm_quiz.submission.syntax import LARGEST_TREE, first_line, parsed


def all_needs(course: Course, exercise: Exercise) -> set[str]:
    """Return the exercises that this one calls, directly or through another."""
    found: set[str] = set()
    waiting = list(exercise.needs)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += course.exercise(name).needs
    return found - {exercise.id}


def runnable(
    course: Course, sources: Mapping[str, str], stubs: Mapping[str, str], exercise: Exercise
) -> dict[str, str]:
    """Return the sources with a stub for each other module of the course that is missing or cannot be parsed.

    A module that does not load must cost its own exercises, not those of every module that imports it.
    """
    others = [module for module in course.modules if module != exercise.module]
    return {**sources, **{m: stubs[m] for m in others if m not in sources or _is_broken(sources[m])}}


def supplied(
    course: Course, sources: Mapping[str, str], solutions: Mapping[str, str], exercise: Exercise, failed: Iterable[str]
) -> dict[str, str]:
    """Runnable sources with the reference's `failed` exercises, and what they need, put after the student's.

    A later definition of the same name wins, and the student's own lines keep their numbers.
    """
    wanted: set[str] = set()
    for name in failed:
        wanted |= {name} | all_needs(course, course.exercise(name))
    wanted.discard(exercise.id)
    patched = dict(sources)
    for module in course.modules:
        names = [e.name for e in course.exercises if e.module == module and e.id in wanted]
        if names:
            patched[module] = f"{sources[module]}\n\n{cut_out(solutions[module], tuple(names))}\n"
    return patched


@lru_cache(maxsize=256)
def cut_out(solution: str, names: tuple[str, ...]) -> str:
    """Return the source of these top-level definitions with the imports and private helpers that they use."""
    tree = ast.parse(solution)
    defined = {name: node for node in tree.body for name in _names(node)}
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    wanted, waiting = set(), [defined[name] for name in names]
    while waiting:
        node = waiting.pop()
        if node in wanted:
            continue
        wanted.add(node)
        used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        waiting += [defined[name] for name in used if name in defined and _is_private(defined[name])]
    lines = solution.splitlines()
    parts = [_source(lines, node) for node in (*imports, *(node for node in tree.body if node in wanted))]
    return "\n\n".join(parts)


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _is_private(node: ast.stmt) -> bool:
    """Return whether this is a helper or a constant: an exercise comes along only because it is needed by name."""
    return not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_")


def _source(lines: list[str], node: ast.stmt) -> str:
    kept = lines[first_line(node) - 1 : node.end_lineno]
    return "\n".join(line for line in kept if line.strip() not in (BEGIN, END))


@lru_cache(maxsize=64)
def _is_broken(text: str) -> bool:
    """Return whether this cannot be Python. What is too large to parse safely gets the benefit of the doubt."""
    return len(text) <= LARGEST_TREE and parsed(text) is None
