"""Start the Python kernel of an assignment's notebook; refuse where nbgrader would grade by running it.

The wheel installs this folder as the Jupyter kernel `tfm-quiz`, which the notebooks by `teach nbgrader build` name.
nbgrader restores that name at autograde, whatever a student wrote there, so it meets this file before any cell runs.
Python starts it isolated (-I): nothing that lies beside a notebook is imported before the refusal.
"""

import os
import runpy
import site
import sys

ALLOWED = (None, "validate")  # of NBGRADER_EXECUTION: unset for a person at work; anything unknown is refused
REFUSAL = """\
tfm-quiz: no cell was run and no mark was given. This notebook must not be graded by running it in a kernel, and
nbgrader's configuration here lacks the preprocessors that grade it in the sandbox. To add them:
  tfm-quiz teach nbgrader adopt COURSE_FOLDER
"""


def main() -> None:
    """Become ipykernel. Exits with 3 under `nbgrader autograde`, and with 1 where ipykernel is not installed."""
    if os.environ.get("NBGRADER_EXECUTION") not in ALLOWED:
        sys.stderr.write(REFUSAL)
        sys.exit(3)
    _leave_isolation()
    try:
        runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
    except ModuleNotFoundError as error:
        if error.name not in ("ipykernel_launcher", "ipykernel"):
            raise
        sys.exit("The kernel needs ipykernel: pip install 'tfm-quiz[notebook]'")


def _leave_isolation() -> None:
    """Put back on the path what -I left out and other kernels have: PYTHONPATH and the user's own packages."""
    given = os.environ.get("PYTHONPATH", "")
    sys.path[:0] = [folder for folder in given.split(os.pathsep) if folder and folder not in sys.path]
    if sys.prefix == sys.base_prefix and not os.environ.get("PYTHONNOUSERSITE"):
        site.addsitedir(site.getusersitepackages())


if __name__ == "__main__":
    main()
