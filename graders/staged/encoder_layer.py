"""Runs beside the student's EncoderLayer."""

import torch


def _layer(layer_class, sizes, seed, dtype):
    """A layer with weights drawn from `seed`, in the given dtype."""
    generator = torch.Generator().manual_seed(seed)
    layer = layer_class(**sizes)
    with torch.no_grad():
        for _, parameter in sorted(layer.named_parameters()):
            parameter.copy_(torch.randn(parameter.shape, generator=generator) / 2)
    return layer.to(dtype).eval()


@torch.no_grad()
def in_training(layer_class, sizes, seed, x, mask):
    """The output in train()."""
    return _layer(layer_class, sizes, seed, x.dtype).train()(x, mask)


@torch.no_grad()
def at_real_positions(layer_class, sizes, seed, x, mask):
    """The output in eval() at the positions that the padding mask (B, 1, T) calls real, one row each."""
    return _layer(layer_class, sizes, seed, x.dtype)(x, mask)[mask[:, 0]]
