"""Read sequences piece by piece, with gradients, and go on from one cache in two ways."""

import torch


def read(cached_self_attention, size, state, pieces, cotangents):
    """Outputs of all pieces, read one after the other, and the gradients of the pieces and of all parameters."""
    module = _load(cached_self_attention, size, state, pieces[0].dtype)
    pieces = [piece.detach().clone().requires_grad_() for piece in pieces]
    cache, outputs = None, []
    for piece in pieces:
        output, cache = module.step(piece) if cache is None else module.step(piece, cache)
        outputs.append(output)
    total = sum((output * cotangent).sum() for output, cotangent in zip(outputs, cotangents, strict=True))
    parameters = dict(module.named_parameters())
    gradients = torch.autograd.grad(total, [*pieces, *parameters.values()], allow_unused=True)
    named = dict(zip(parameters, gradients[len(pieces) :], strict=True))
    return [output.detach() for output in outputs], list(gradients[: len(pieces)]), named


def branch(cached_self_attention, size, state, beginning, ways):
    """Read a beginning, then go on from its cache in several ways at once, a piece of each in turn."""
    module = _load(cached_self_attention, size, state, beginning.dtype)
    with torch.no_grad():
        output, cache = module.step(beginning)
        return [output, *_in_turn(module, ways, [cache] * len(ways))]


def read_in_turn(cached_self_attention, size, state, sequences):
    """Read several sequences at once with one module, a piece of each in turn."""
    module = _load(cached_self_attention, size, state, sequences[0][0].dtype)
    with torch.no_grad():
        return _in_turn(module, sequences, [None] * len(sequences))


def _in_turn(module, ways, caches):
    """All outputs, in the order of reading; each is overwritten afterwards, which must not reach a cache."""
    outputs = []
    for turn in range(max(len(pieces) for pieces in ways)):
        for way, pieces in enumerate(ways):
            if turn < len(pieces):
                output, caches[way] = module.step(pieces[turn], caches[way])
                outputs.append(output.clone())
                output.zero_()
    return outputs


def _load(cached_self_attention, size, state, dtype):
    module = cached_self_attention(*size).to(dtype)
    module.load_state_dict(state)
    return module.eval()
