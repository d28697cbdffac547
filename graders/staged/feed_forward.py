"""Runs beside the student's FeedForward."""

import torch


def in_dtype_of(feed_forward_class, d_model, d_ff, seed, x):
    """The output of a module that was moved to the dtype of `x`, with weights drawn from `seed`."""
    generator = torch.Generator().manual_seed(seed)
    module = feed_forward_class(d_model, d_ff)
    with torch.no_grad():
        for _, parameter in sorted(module.named_parameters()):
            parameter.copy_(torch.randn(parameter.shape, generator=generator) / 2)
    return module.to(x.dtype).eval()(x)
