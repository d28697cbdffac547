"""The index of the package names each of its modules, and nothing else."""

import re
from pathlib import Path

from tfm_quiz import grading


def test_the_index_of_grading_is_true():
    folder = Path(grading.__file__).parent
    modules = {path.name for path in folder.glob("*.py")} - {"__init__.py"}
    assert set(re.findall(r"\b[a-z_]+\.py\b", grading.__doc__ or "")) == modules
