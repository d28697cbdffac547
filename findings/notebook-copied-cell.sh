#!/usr/bin/env bash
# nbformat 5.11.1 and nbgrader 0.9.6: a notebook with two answer cells of one id and one grade id, as copying a cell in
# some editors makes it. Reading repairs ids from the front: the first cell keeps the id, the second gets a random one.
# nbgrader's DeduplicateIds repairs from the back: the last cell stays the answer, the first loses its grade id. So the
# cell that is still called by the assignment's id is not the cell that is graded.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'nbformat==5.11.1' 'nbgrader==0.9.6'

cat >"$folder/expected" <<'EXPECTED'
first cell: keeps the id True, keeps the grade id False
second cell: keeps the id False, keeps the grade id True
EXPECTED

"$folder/venv/bin/python" -W ignore - >"$folder/seen" <<'PROGRAM'
import json

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.preprocessors import DeduplicateIds


def answer(source):
    nbgrader = {"grade": False, "solution": True, "locked": False, "task": False, "schema_version": 3}
    return new_code_cell(source, id="answer", metadata={"nbgrader": {**nbgrader, "grade_id": "answer", "cell_type": "code"}})


text = json.dumps(new_notebook(cells=[answer("first"), answer("second")]))
read = nbformat.reads(text, as_version=4)
cleaned, _ = DeduplicateIds().preprocess(read, {})
for cell in cleaned.cells:
    keeps_id, keeps_grade_id = cell.id == "answer", "grade_id" in cell.metadata.nbgrader
    print(f"{cell.source} cell: keeps the id {keeps_id}, keeps the grade id {keeps_grade_id}")
PROGRAM

if diff "$folder/expected" "$folder/seen"; then
  cat "$folder/seen"
  echo "As it was seen."
else
  echo "This behaves otherwise now (<: as it was seen, >: today)."
  exit 1
fi
