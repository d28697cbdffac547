"""Hostile submissions, graded as `teach grade` grades them, on a machine prepared with things worth stealing.

Each file in attacks/ is the text of one module of one submission; its docstring says what it tries, for which exercise,
and how many points the same file would honestly get. In its text, words between @ signs stand for what only this run
knows: paths, a port, a process. If something works that must not, the attack shouts GOT IN in an exception, which
lands in the staff's detail of the report.
"""

import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from tfm_quiz.grading.messages import GradeRequest, Settings
from tfm_quiz.grading.pool import Lost, Pool
from tfm_quiz.manifest import load_course
from tfm_quiz.outcome import LEVELS, Report
from tfm_quiz.submission.submission import Submission
from tfm_quiz.wall import lockdown

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = Path(__file__).parent / "attacks"
COURSE_FOLDERS = ("exercises", "solutions", "graders", "quiz")
SEED = 20170612
TIME_FACTOR = 0.2  # of the usual limits: so many attacks wait for theirs
SECONDS = 5 * TIME_FACTOR  # of one call


ALSO_GRADED = ("padding_mask", "causal_mask")  # so that failing them supplies them to decoder_mask
BOMBS = {  # source that is hard on a parser
    "NESTED": "(" * 90_000 + ")" * 90_000,
    "MINUSES": "-" * 500_000,
    "ONES": "1+" * 200_000,
    "ATTRIBUTES": ".a" * 200_000,
    "NOTS": "not " * 50_000 + "lambda: " * 50_000,
    "DIGITS": "9" * 1_000_000,
    "DEFINITIONS": "def causal_mask(): pass\n" * 40_000,
    "BLOCKS": "".join(f"{' ' * depth}if True:\n" for depth in range(120)) + " " * 120 + "pass",
    "BIDI": "\u202e\u2066\u200b",
}


@dataclass(frozen=True)
class Attack:
    """One hostile module, as its file declares it."""

    name: str
    text: str
    exercise: str
    honest: float
    exactly: bool = True  # or at most
    level: str = "strong"  # the weakest level that stops it
    seconds: float = 30.0  # that grading it may take, at a load of one
    helpers: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> "Attack":
        """Raises ValueError for a file that does not declare itself."""
        text = path.read_text("utf-8")
        doc = text.split('"""')[1]
        told = dict(line.split(": ", 1) for line in doc.splitlines()[1:] if ": " in line)
        return cls(
            name=path.name.removesuffix(".py.txt"),
            text=text,
            exercise=told["exercise"],
            honest=float(told["honest"].split()[0]),
            exactly="at most" not in told["honest"],
            level=told.get("level", "strong"),
            seconds=float(told.get("seconds", 30)),
            helpers=tuple(told["helpers"].split(", ")) if "helpers" in told else (),
        )


ALL = tuple(Attack.read(path) for path in sorted(ATTACKS.glob("*.py.txt")))


@dataclass
class Bait:
    """A course that everybody may read, a secret beside it, and processes and sockets worth reaching."""

    folder: Path
    secret: str
    server: socket.socket
    abstract: socket.socket
    tree: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def course(self) -> Path:
        """The copy of the course that is graded with."""
        return self.folder / "course"

    def words(self) -> dict[str, str]:
        """What stands between @ signs in an attack."""
        return {
            "COURSE": str(self.course),
            "SOURCE": str(ROOT / "src"),
            "PUBLIC": str(self.folder),
            "CANARY": str(self.folder / "canary.txt"),
            "SECRET": self.secret,
            "PORT": str(self.server.getsockname()[1]),
            "ABSTRACT": self.abstract.getsockname().decode().lstrip("\0"),
            "PID": str(os.getpid()),
            "ALMOST": str(0.8 * SECONDS),
            "GUARDED": " ".join(line.encode().hex() for line in self.guarded()),
            "SUPPLIED": self.supplied().encode().hex(),
            **BOMBS,
        }

    def supplied(self) -> str:
        """A line of the reference that a worker may hold once its submission has failed padding_mask."""
        solution = (self.course / "solutions" / "masks.py").read_text()
        body = solution[solution.index("def padding_mask") : solution.index("def causal_mask")]
        return next(line.strip() for line in body.splitlines() if "  # (" in line)

    def guarded(self) -> list[str]:
        """Lines of the staff's files that no worker may hold, not even one that is supplied with two of the masks."""
        solution = (self.course / "solutions" / "masks.py").read_text()
        after = solution[solution.index("def decoder_mask") :].splitlines()
        grader = (self.course / "graders" / "test_decoder_mask.py").read_text().splitlines()
        wrong = (self.course / "graders" / "misconceptions" / "decoder_mask.patch").read_text().splitlines()
        bodies = [line.strip() for line in after if "  # (" in line]  # each with the shape that it makes
        assert bodies, "the reference has changed its form: name other lines"
        return bodies + [max(lines, key=len).strip() for lines in (grader, wrong)]

    def snapshot(self) -> dict[str, bytes]:
        """Every file under the folder with its content."""
        return {str(path): path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="session")
def bait() -> Iterator[Bait]:
    folder = Path(tempfile.mkdtemp(prefix="tfm-quiz-bait-"))  # not tmp_path: everybody may enter this one
    folder.chmod(0o755)
    for name in COURSE_FOLDERS:
        shutil.copytree(ROOT / name, folder / "course" / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "course.toml", folder / "course")
    secret = secrets.token_hex(16)
    (folder / "canary.txt").write_text(f"GOT IN {secret}")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as abstract,
    ):
        server.setblocking(False)
        abstract.setblocking(False)
        if os.name == "posix" and os.uname().sysname == "Linux":
            abstract.bind(f"\0tfm-quiz-bait-{secret}")
        made = Bait(folder, secret, server, abstract)
        made.tree = made.snapshot()
        yield made
    shutil.rmtree(folder)


def submission(attack: Attack, bait: Bait, module: str) -> Submission:
    """What the class's reader would hand to a grader process."""
    text = attack.text
    for word, meaning in bait.words().items():
        text = text.replace(f"@{word}@", meaning)
    return Submission(
        name=attack.name, modules={module: text}, helpers=dict.fromkeys(attack.helpers, "PLANTED = True\n")
    )


@dataclass(frozen=True)
class Graded:
    """What became of every attack at one level."""

    level: str
    reports: Mapping[str, Report | Lost]
    grown: int  # bytes that the largest grader process has more than at its start

    def shown(self, name: str) -> str:
        """The whole report of a submission, staff's detail included, as text."""
        report = self.reports[name]
        return msgspec.json.encode(report).decode() if isinstance(report, Report) else report.why


def grade(attacks: tuple[Attack, ...], bait: Bait, at_most: str, jobs: int) -> Graded:
    """Grade these as one class, with the secret in the grader's environment."""
    course = load_course(bait.course)
    wanted = {*ALSO_GRADED, *(attack.exercise for attack in attacks)}
    exercises = [exercise for exercise in course.exercises if exercise.id in wanted]
    modules = {exercise.id: exercise.module for exercise in exercises}
    settings = Settings(
        course=str(bait.course),
        exercises=tuple(modules),
        seed=SEED,
        time_factor=TIME_FACTOR,
        labs=False,
        at_most=at_most,
    )
    orders = [GradeRequest(work=submission(a, bait, modules[a.exercise]), key=a.name) for a in attacks]
    with Pool(settings, jobs) as pool:
        ready = pool.start()
        before = max(resident(grader.process.pid) for grader in pool.graders)
        reports = {
            report.work.name if isinstance(report, Lost) else report.submission: report for report in pool.grade(orders)
        }
        after = max(resident(grader.process.pid) for grader in pool.graders)
    return Graded(ready.level, reports, after - before)


def resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def available(level: str) -> bool:
    """Whether this machine offers the level."""
    found = {layer.name: layer.present for layer in lockdown.layers()}
    best = "strong" if found["seccomp"] and found["landlock files"] else "basic"
    best = "full" if best == "strong" and found["namespaces"] and found["private root"] else best
    return LEVELS.index(level) <= LEVELS.index(best)  # type: ignore[arg-type]


LEVELS_TRIED = ["full", pytest.param("strong", marks=pytest.mark.slow)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `attack` runs once for each."""
    if "attack" in metafunc.fixturenames:
        metafunc.parametrize("attack", ALL, ids=lambda attack: attack.name)


@pytest.fixture(scope="session", params=LEVELS_TRIED)
def graded(request: pytest.FixtureRequest, bait: Bait) -> Iterator[Graded]:
    """All attacks, graded as one class, at one level."""
    if not available(request.param):
        pytest.skip(f"this machine does not offer `{request.param}`: tfm-quiz doctor says why")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANG", f"C.UTF-8@{bait.secret}")  # one of the few variables that reach a grader process
        yield grade(ALL, bait, request.param, jobs=2)


@pytest.fixture(scope="session")
def every_attack() -> tuple[Attack, ...]:
    return ALL
