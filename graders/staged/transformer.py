"""Runs beside the student's Transformer. What comes back is cut to the positions that are not padding."""

import torch


def _model(model_class, sizes, state, dtype=torch.float32):
    model = model_class(**sizes).to(dtype)
    model.load_state_dict(state)
    return model.eval()


@torch.no_grad()
def memory_at_real_tokens(model_class, sizes, state, source):
    """The memory at every source token that is not padding, one row each."""
    return _model(model_class, sizes, state).encode(source)[source != sizes["pad_id"]]


@torch.no_grad()
def logits_at_real_tokens(model_class, sizes, state, pairs):
    """The logits at every target token that is not padding, one row each, for (source, target input) in turn."""
    model = _model(model_class, sizes, state)
    return [model(source, target_input)[target_input != sizes["pad_id"]] for source, target_input in pairs]


@torch.no_grad()
def decoded_at_real_tokens(model_class, sizes, state, target_input, memory, source):
    """The same of `decode`, with a memory that no encoder made."""
    return _model(model_class, sizes, state).decode(target_input, memory, source)[target_input != sizes["pad_id"]]


def gradients(model_class, sizes, state, source, target_input, cotangent):
    """The gradient of every parameter, in the dtype of `cotangent` (B, T, V), of which padding gets nothing."""
    model = _model(model_class, sizes, state, cotangent.dtype)
    real = (target_input != sizes["pad_id"]).unsqueeze(2)
    logits = torch.where(real, model(source, target_input), 0.0)
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(logits, parameters, cotangent, materialize_grads=True)
    return logits.detach(), dict(zip(names, found, strict=True))


def initial_scale(model_class, sizes):
    """The size of a new table's entries in units of d_model^(-1/2), as a whole number: 1 unless it is far off."""
    table = model_class(**sizes).token_embedding.embedding.weight.detach()
    return round(float(table.std()) * sizes["d_model"] ** 0.5)
