"""Runs beside the student's DecoderLayer."""

import torch


@torch.no_grad()
def output(layer_class, sizes, seed, training, *inputs):
    """The output of a layer with weights drawn from `seed`, in the dtype of x, in train() or in eval()."""
    generator = torch.Generator().manual_seed(seed)
    layer = layer_class(**sizes)
    for _, parameter in sorted(layer.named_parameters()):
        parameter.copy_(torch.randn(parameter.shape, generator=generator) / 2)
    return layer.to(inputs[0].dtype).train(training)(*inputs)
