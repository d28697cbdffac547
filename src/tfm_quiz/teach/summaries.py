"""What is written of a graded class beside its reports: grades.csv, and a file for each student."""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256

from tfm_quiz.course import Course
from tfm_quiz.errors import CouldNotCheck
from tfm_quiz.files import write_whole
from tfm_quiz.outcome import QuestionScore, Report
from tfm_quiz.untrusted import for_csv

from .feedback import feedback, not_graded_feedback
from .results import Results

LONGEST_STEM = 200  # bytes: a disk takes 255 for a whole name
KEPT = " -_.,'()+@=~"  # in the name of a file, besides letters, marks and digits of any script
LMS_IDS = (  # the number under which a learning platform knows who handed this in
    re.compile(r"^[^_]+?(?:_late)?_(\d+)_\d+(?:_|$)", re.IGNORECASE),  # Canvas: lastfirst_LATE_1234567_7654321_work
    re.compile(r"_(\d+)_assignsubmission_"),  # Moodle: Name_1234567_assignsubmission_file_
    re.compile(r"_(\d{5,})$"),  # files of either that lay flat: lastfirst_1234567
)


def write_summaries(course: Course, results: Results, names: Iterable[str]) -> None:
    """grades.csv for all in RESULTS, and the feedback of these submissions. Raises CouldNotCheck.

    What a person decided meanwhile in `teach review` is in them. Who could not be graded has no feedback of before.
    """
    results.apply_decisions()
    folder = results.folder / "feedback"
    not_graded = results.run.not_graded
    stems = file_stems({*results.reports, *not_graded})
    try:
        table = grades_csv(course, results.reports, not_graded)
        write_whole(results.folder / "grades.csv", table, private=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        for name in stems.keys() & set(names):
            if stems[name] != file_stem(name):  # another of nearly this name came since
                (folder / f"{file_stem(name)}.txt").unlink(missing_ok=True)
            if name in not_graded:
                write_whole(folder / f"{stems[name]}.txt", not_graded_feedback(name))
            elif name in results.reports:
                write_whole(folder / f"{stems[name]}.txt", feedback(course, results.reports[name]))
    except OSError as error:
        raise CouldNotCheck(
            f"grades.csv and feedback/ could not be written: {error.strerror}.",
            where=str(results.folder),
            next_step="Every report is kept in results.jsonl; the same command writes the rest from it.",
        ) from error


def file_stems(names: Iterable[str]) -> dict[str, str]:
    """The name of each submission's file, by the submission's name: no two are one on a disk that ignores case.

    Nor on one that takes two spellings of a letter in Unicode for the same. Such names end in a hash, all of them.
    """
    plain = {name: file_stem(name) for name in names}
    alike = Counter(map(_folded, plain.values()))
    return {name: _with_hash(name, stem) if alike[_folded(stem)] > 1 else stem for name, stem in plain.items()}


def file_stem(name: str) -> str:
    """Return the name of a submission's file: other submissions have others, and letters of any script stay.

    What a file system or a shell might trip over is written as the bytes of its UTF-8, `%2F` for `/`: unquoting gives
    the name back, unless it was too long; then its end is a hash, after a sign that no other name has.
    """
    stem = "".join(
        char if _is_kept(char) and not (place == 0 and char in " -.~") else _escaped(char)
        for place, char in enumerate(name)
    )
    return stem if len(stem.encode()) <= LONGEST_STEM else _with_hash(name, stem)


def _with_hash(name: str, stem: str) -> str:
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    start = stem.partition("%~")[0].encode()[: LONGEST_STEM - 40].decode(errors="ignore")
    return f"{start}%~{digest}"


def _folded(stem: str) -> str:
    """Return a file's name as a disk that ignores case sees it."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", stem).casefold())


def _is_kept(char: str) -> bool:
    return char in KEPT or (char.isprintable() and unicodedata.category(char)[0] in "LMN")


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))


def student_id(name: str) -> str:
    """Return the number that a learning platform put into the file's name; the name itself if there is none."""
    found = next((match for pattern in LMS_IDS if (match := pattern.search(name))), None)
    return found[1] if found else name


def grades_csv(course: Course, reports: Mapping[str, Report], not_graded: Mapping[str, str]) -> str:
    """Return one row per submission, one column per exercise, for a spreadsheet or a gradebook.

    Who could not be graded has a row without marks: empty is not 0.
    """
    exercises = [e for e in course.exercises if any(e.id in report.exercises for report in reports.values())]
    heads = ["submission", "id", "points", "out_of", "bonus", "questions", "questions_out_of"]
    heads += ["free_text", "free_text_out_of", "free_text_waiting"]
    stream = io.StringIO()
    rows = csv.writer(stream, lineterminator="\n")
    rows.writerow([*heads, *(e.id for e in exercises), "isolation", "problems"])
    for name in sorted({*reports, *not_graded}):
        if name in not_graded:
            marks = [""] * (len(heads) - 2 + len(exercises) + 1)
            problems = f"Not graded: {not_graded[name]}"
        else:
            report = reports[name]
            results = [report.exercises.get(e.id) for e in exercises]
            marks = [
                f"{report.points:g}",
                f"{report.out_of:g}",
                f"{report.bonus.points:g}",
                *_questions(report.questions),
                *(f"{result.points:g}" if result else "" for result in results),
                report.isolation,
            ]
            problems = " ".join(report.problems)
        rows.writerow([for_csv(name), for_csv(student_id(name)), *marks, for_csv(problems)])
    return stream.getvalue()


def _questions(score: QuestionScore | None) -> list[str]:
    """Points of closed questions, points that a person gave to free text, and how many answers wait for one."""
    if score is None:
        return [""] * 5
    free = score.free_text.values()
    points = [score.points, score.out_of, sum(item.points for item in free), sum(item.out_of for item in free)]
    return [*(f"{number:g}" for number in points), str(len(score.awaiting_review))]
