#!/usr/bin/env bash
# torch 2.13.0: calling an operator with a dtype that it has no kernel for raises NotImplementedError, the exception by
# which stubs say "not written yet" (nbgrader's own text in a cleared cell raises it). A grader that takes the exception
# for an unfinished answer calls finished functions unfinished. Other dtype mistakes raise RuntimeError or TypeError.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'torch==2.13.0' 'numpy==2.4.6'

cat >"$folder/expected" <<'EXPECTED'
bool & float: NotImplementedError
softmax of integers: NotImplementedError
integers @ floats: RuntimeError
mean of integers: RuntimeError
-bool: RuntimeError
EXPECTED

"$folder/venv/bin/python" -W ignore - >"$folder/seen" <<'PROGRAM'
import torch

flags, numbers = torch.tensor([True, False]), torch.tensor([1.0, 0.0])
attempts = {
    "bool & float": lambda: flags & numbers,
    "softmax of integers": lambda: torch.tensor([1, 2]).softmax(-1),
    "integers @ floats": lambda: torch.tensor([[1, 2]]) @ numbers,
    "mean of integers": lambda: torch.tensor([1, 2]).mean(),
    "-bool": lambda: -flags,
}
for name, attempt in attempts.items():
    try:
        attempt()
    except Exception as error:
        print(f"{name}: {type(error).__name__}")
PROGRAM

if diff "$folder/expected" "$folder/seen"; then
  cat "$folder/seen"
  echo "As it was seen."
else
  echo "This behaves otherwise now (<: as it was seen, >: today)."
  exit 1
fi
