"""A submission as graders get it: text, already read and capped by whoever found it. No torch."""

import hashlib
import json

import msgspec


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """One student's files. `modules` are the course's modules by name, `helpers` other modules beside them."""

    name: str
    modules: dict[str, str]
    helpers: dict[str, str] = {}
    answers: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def sources(self) -> dict[str, str]:
        """Everything that travels to a worker. A helper never stands in for a module of the course."""
        return {**self.helpers, **self.modules}

    def digest(self) -> str:
        """A hash of all that is graded."""
        parts = [sorted(self.modules.items()), sorted(self.helpers.items()), self.answers]
        return hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest()
