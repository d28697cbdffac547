#!/usr/bin/env bash
# torch 2.13.0: a query that may look at no key at all. `softmax` over -inf alone gives NaN;
# `scaled_dot_product_attention` with a boolean mask gives zeros. `nn.MultiheadAttention` does the one or the other:
# NaN with `need_weights=True` (its default), zeros with `need_weights=False`, with the same weights, input and mask.
# So switching the weights off to save memory also changes a result, and hides an empty row.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'torch==2.13.0' 'numpy==2.4.6'

cat >"$folder/expected" <<'EXPECTED'
softmax: [nan, nan]
scaled_dot_product_attention: [0.0, 0.0, 0.0, 0.0]
MultiheadAttention, need_weights=True: [nan, nan, nan, nan]
MultiheadAttention, need_weights=False: [0.0, 0.0, 0.0, 0.0]
EXPECTED

"$folder/venv/bin/python" -W ignore - >"$folder/seen" <<'PROGRAM'
import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

torch.manual_seed(0)
print("softmax:", torch.full((2,), -torch.inf).softmax(-1).tolist())
x = torch.randn(1, 2, 4)
empty = scaled_dot_product_attention(x, x, x, attn_mask=torch.zeros(2, 2, dtype=torch.bool))
print("scaled_dot_product_attention:", empty[0, 0].tolist())
layer = nn.MultiheadAttention(4, 1, bias=False, batch_first=True).eval()
hidden = torch.ones(1, 2, dtype=torch.bool)  # True hides, here: every key
for need_weights in (True, False):
    result, _ = layer(x, x, x, key_padding_mask=hidden, need_weights=need_weights)
    print(f"MultiheadAttention, need_weights={need_weights}:", result[0, 0].tolist())
PROGRAM

if diff "$folder/expected" "$folder/seen"; then
  cat "$folder/seen"
  echo "As it was seen."
else
  echo "This behaves otherwise now (<: as it was seen, >: today)."
  exit 1
fi
