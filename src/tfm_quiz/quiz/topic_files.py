"""Where the questions of a topic are written: in one file, or in a folder with a file for each and their lexicon."""

import re
from pathlib import Path

LEXICON = "lexicon.toml"  # the words that the rubrics of a folder of questions share


def question_files(path: Path) -> list[Path]:
    """List a topic's files at `path`: that one, or those in the folder of its name (which may hold a lexicon as well).

    In the order of the numbers in their names: A9 before A10.
    """
    folder = path.with_suffix("")
    if path.is_file() or not folder.is_dir():
        return [path]
    found = [file for file in folder.glob("*.toml") if file.name != LEXICON]
    return sorted(found, key=lambda file: [part.zfill(4) for part in re.split(r"(\d+)", file.name)])
