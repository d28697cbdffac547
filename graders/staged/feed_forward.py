"""Runs beside the student's FeedForward."""

import torch


def in_dtype_of(feed_forward_class, d_model, d_ff, seed, x):
    """The output in eval() of a module that was moved to the dtype of `x`."""
    return _module(feed_forward_class, d_model, d_ff, seed).to(x.dtype).eval()(x)


def in_training(feed_forward_class, d_model, d_ff, seed, x):
    """The output in train()."""
    return _module(feed_forward_class, d_model, d_ff, seed).train()(x)


@torch.no_grad()
def _module(feed_forward_class, d_model, d_ff, seed):
    """A module with weights drawn from `seed`."""
    generator = torch.Generator().manual_seed(seed)
    module = feed_forward_class(d_model, d_ff)
    for _, parameter in sorted(module.named_parameters()):
        parameter.copy_(torch.randn(parameter.shape, generator=generator) / 2)
    return module
