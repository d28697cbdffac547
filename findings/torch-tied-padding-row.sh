#!/usr/bin/env bash
# torch 2.13.0: `nn.Embedding(padding_idx=0)` gives its padding row no gradient, so it stays what it was. Tie the table
# to the output layer (section 3.4 of arXiv 1706.03762 shares them) and the row is trained after all: the gradient of
# the output layer reaches every row, that of the padding token included. After one step its embedding is not zero.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'torch==2.13.0' 'numpy==2.4.6'

cat >"$folder/expected" <<'EXPECTED'
tied False: the padding row is still zero True
tied True: the padding row is still zero False
EXPECTED

"$folder/venv/bin/python" -W ignore - >"$folder/seen" <<'PROGRAM'
import torch
from torch import nn

torch.manual_seed(0)
for tied in (False, True):
    embedding = nn.Embedding(4, 3, padding_idx=0)
    output = nn.Linear(3, 4, bias=False)
    if tied:
        output.weight = embedding.weight
    optimizer = torch.optim.SGD([*{*embedding.parameters(), *output.parameters()}], lr=0.1)
    logits = output(embedding(torch.tensor([1, 2])))
    nn.functional.cross_entropy(logits, torch.tensor([2, 3])).backward()
    optimizer.step()
    print(f"tied {tied}: the padding row is still zero {not embedding.weight[0].any()}")
PROGRAM

if diff "$folder/expected" "$folder/seen"; then
  cat "$folder/seen"
  echo "As it was seen."
else
  echo "This behaves otherwise now (<: as it was seen, >: today)."
  exit 1
fi
