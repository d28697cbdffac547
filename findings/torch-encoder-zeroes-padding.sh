#!/usr/bin/env bash
# torch 2.13.0: `nn.TransformerEncoder` in eval mode, dropout 0, one input, one padding mask, called twice: with
# gradients it computes something at the padded places, without (`no_grad`) it fills them with exact zeros, through
# nested tensors. That happens only where all padding stands at the end: with one sample padded in front, both calls
# agree. Whoever pools over all places, or compares a model of their own with this one, sees the difference.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'torch==2.13.0' 'numpy==2.4.6'

cat >"$folder/expected" <<'EXPECTED'
padding at the end: real places agree True, padded places agree False, zeros under no_grad True
padding one in front: real places agree True, padded places agree True, zeros under no_grad False
EXPECTED

"$folder/venv/bin/python" -W ignore - >"$folder/seen" <<'PROGRAM'
import torch
from torch import nn

torch.manual_seed(0)
layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
encoder = nn.TransformerEncoder(layer, 1).eval()
x = torch.randn(2, 6, 8)
at_the_end = torch.tensor([[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1]], dtype=torch.bool)
one_in_front = torch.tensor([[1, 1, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1]], dtype=torch.bool)
for name, padding in (("at the end", at_the_end), ("one in front", one_in_front)):
    with_grad = encoder(x, src_key_padding_mask=padding).detach()
    with torch.no_grad():
        without = encoder(x, src_key_padding_mask=padding)
    real = torch.allclose(with_grad[~padding], without[~padding], atol=1e-5)
    padded = torch.allclose(with_grad[padding], without[padding], atol=1e-5)
    zeros = not without[padding].any()
    print(f"padding {name}: real places agree {real}, padded places agree {padded}, zeros under no_grad {zeros}")
PROGRAM

if diff "$folder/expected" "$folder/seen"; then
  cat "$folder/seen"
  echo "As it was seen."
else
  echo "This behaves otherwise now (<: as it was seen, >: today)."
  exit 1
fi
