"""`python -m tfm_quiz`: the same command as `tfm-quiz`.

Python puts the current folder first on the path here, so that a `torch.py` lying among submissions would be imported
for the real one. The folder is therefore taken off the path before anything else is imported, and `teach` refuses to
start from a folder that plants such a file. Only `os` and `sys` are safe to import before that: they are loaded.
"""

import os
import sys

SUFFIXES = (".py", ".pyc", ".so", ".pyd")


def planted(folder: str, path: list[str]) -> list[str]:
    """List the sorted names in `folder` that hide a module of Python, of `path`, or of ours.

    `path` are the other entries of sys.path. A folder counts if it is a package.
    """
    ours = {"tfm_quiz", "sitecustomize", "usercustomize", *sys.stdlib_module_names}
    elsewhere = {_module(entry) for place in path if os.path.isdir(place) for entry in os.listdir(place)}
    found = []
    for entry in os.listdir(folder):
        package = os.path.isdir(os.path.join(folder, entry))
        importable = (
            os.path.lexists(os.path.join(folder, entry, "__init__.py")) if package else entry.endswith(SUFFIXES)
        )
        if (importable or entry == "tfm_quiz") and _module(entry) in ours | elsewhere:
            found.append(entry)
    return sorted(found)


def _module(entry: str) -> str:
    return entry.partition(".")[0]


def leave_current_folder(path: list[str], arguments: list[str]) -> str | None:
    """Take the current folder off the front of `path`; a sentence if it hides something and `arguments` say to teach.

    A package `tfm_quiz` in the current folder would run instead of this one, so it can't be told here: that is what
    `-P` and the console script are for.
    """
    folder = os.path.realpath(path[0] or ".") if path and not sys.flags.safe_path else None
    own = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    if folder != os.getcwd() or folder == own:
        return None
    del path[0]
    if "teach" not in arguments or not (found := planted(folder, path)):
        return None
    return (
        f"  The current folder holds {ascii(found[0])[1:-1]}, which Python would take for the real one: "
        "use the command tfm-quiz, or python -P -m tfm_quiz"
    )


if __name__ == "__main__":
    if refusal := leave_current_folder(sys.path, sys.argv[1:]):
        sys.stderr.write(refusal + "\n")
        sys.exit(3)

    from .cli import main

    main(prog_name="tfm-quiz")
