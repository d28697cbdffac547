"""Runs beside the student's add_and_norm: what it is given to call.

Each callable adds a row of `steps` that depends on how often it was called. So a second call, even one whose result is
thrown away, changes what comes back: directly, or in the calls that the helper makes afterwards.
"""

import torch
from torch.nn.functional import layer_norm

CALLS = 4  # rows of steps; further calls repeat the last one


def _stepping(function, steps):
    calls = 0

    def call(y):
        nonlocal calls
        out = function(y) + steps[min(calls, CALLS - 1)]
        calls += 1
        return out

    return call


def _callables(mixing, weight, gain, keep, steps):
    """A sub-layer that mixes positions and features, a norm with a gain, and a dropout whose mask is `keep`."""
    sublayer = _stepping(lambda y: torch.tanh(mixing @ y @ weight), steps[0])
    norm = _stepping(lambda y: layer_norm(y, gain.shape, gain), steps[1])
    dropout = _stepping(lambda y: y * keep, steps[2])
    return sublayer, norm, dropout


def wrapped(add_and_norm, x, mixing, weight, gain, keep, steps, **options):
    """The result; x as it is afterwards; and what each callable makes of x when it is called once more."""
    x = x.clone()
    callables = _callables(mixing, weight, gain, keep, steps)
    with torch.no_grad():
        out = add_and_norm(x, *callables, **options)
        return out, x.clone(), [function(x) for function in callables]


def gradients(add_and_norm, cotangent, x, mixing, weight, gain, keep, steps, **options):
    """The gradients that `cotangent` sends back to x and to everything that the callables use."""
    leaves = [tensor.clone().requires_grad_() for tensor in (x, mixing, weight, gain, keep)]
    inside = [leaf * 1.0 for leaf in leaves]  # no leaves any more: what is changed in place shows
    out = add_and_norm(inside[0], *_callables(*inside[1:], steps), **options)
    if out.shape != cotangent.shape:
        raise RuntimeError("the result has another shape than x")
    # The cotangent as a factor, and not as `grad_outputs`: for that torch imports sympy, in every worker.
    return list(torch.autograd.grad((out * cotangent).sum(), leaves, materialize_grads=True))


def with_silent_sublayer(add_and_norm, x, gain, **options):
    """A sub-layer that answers zero leaves norm(x), or x itself."""
    return add_and_norm(x, torch.zeros_like, lambda y: layer_norm(y, gain.shape, gain), lambda y: y, **options)


def with_identities(add_and_norm, x, **options):
    """Three callables that return their argument itself: what is then added in place is added to x."""
    x = x.clone()
    with torch.no_grad():
        return add_and_norm(x, _itself, _itself, _itself, **options), x


def _itself(y):
    return y
