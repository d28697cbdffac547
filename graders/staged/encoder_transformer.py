"""Runs beside the student's EncoderTransformer."""

import torch


def gradients(model_class, sizes, state, tokens, cotangent):
    """Logits, and the gradient of every parameter, in the dtype of `cotangent` (B, num_classes)."""
    model = model_class(**sizes).to(cotangent.dtype)
    model.load_state_dict(state)
    model.eval()
    logits = model(tokens)
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(logits, parameters, cotangent, materialize_grads=True)
    return logits.detach(), dict(zip(names, found, strict=True))
