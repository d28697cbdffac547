"""Runs beside the student's EncoderTransformer."""

import torch


def _model(model_class, sizes, seed, dtype=torch.float32):
    """A model in eval() with weights drawn from `seed`: matrices keep a signal's size, norms have weights around 1."""
    generator = torch.Generator().manual_seed(seed)
    model = model_class(**sizes)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            drawn = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() > 1:
                parameter.copy_(drawn * parameter.size(-1) ** -0.5)
            else:
                parameter.copy_(0.5 * drawn + name.endswith("weight"))
    return model.to(dtype).eval()


@torch.no_grad()
def in_training(model_class, sizes, seed, *tokens):
    """The output in train(), which is certain if dropout is 0 or 1."""
    return _model(model_class, sizes, seed).train()(*tokens)


def _pulled(logits, cotangent):
    """A number whose gradient in the logits is `cotangent`: given as `grad_outputs`, it makes torch import sympy."""
    return (logits * cotangent.expand_as(logits)).sum()


def gradients(model_class, sizes, seed, tokens, cotangent):
    """Logits, and the gradient of every parameter, in the dtype of `cotangent` (B, num_classes)."""
    model = _model(model_class, sizes, seed, cotangent.dtype)
    logits = model(tokens)
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(_pulled(logits, cotangent), parameters, materialize_grads=True)
    return logits.detach(), dict(zip(names, found, strict=True))


def train(model_class, sizes, tokens, labels, rate, seed):
    """Lab A: train on each batch once. The rate rises for a tenth of the steps, and falls to 0 over the second half.

    tokens (steps, B, T), labels (steps, B). Yields the loss of each step, and then the learned weights.
    """
    torch.manual_seed(seed)
    model = model_class(**sizes).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for step, (batch, wanted) in enumerate(zip(tokens, labels, strict=True), start=1):
        done = step / len(tokens)
        optimizer.param_groups[0]["lr"] = rate * min(1.0, 10 * done, 2 * (1 - done))
        loss = torch.nn.functional.cross_entropy(model(batch), wanted)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        yield loss.detach()
    yield dict(model.state_dict())
