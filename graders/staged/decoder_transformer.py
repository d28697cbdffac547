"""Runs beside the student's DecoderTransformer."""

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
def at_real_tokens(model_class, sizes, seed, batches, pad_id):
    """The logits at every token that is not padding, one row each, for batches that follow one another."""
    model = _model(model_class, sizes, seed)
    return [model(tokens)[tokens != pad_id] for tokens in batches]


@torch.no_grad()
def in_training(model_class, sizes, seed, *tokens):
    """The output in train(), which is certain if dropout is 0 or 1."""
    return _model(model_class, sizes, seed).train()(*tokens)


def _pulled(logits, cotangent):
    """A number whose gradient in the logits is `cotangent`: given as `grad_outputs`, it makes torch import sympy."""
    return (logits * cotangent.expand_as(logits)).sum()


def gradients(model_class, sizes, seed, tokens, cotangent):
    """The gradient of every parameter, in the dtype of `cotangent` (B, T, V), of which padding gets nothing."""
    model = _model(model_class, sizes, seed, cotangent.dtype)
    real = (tokens != sizes["pad_id"]).unsqueeze(2)
    logits = torch.where(real, model(tokens), 0.0)
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(_pulled(logits, cotangent), parameters, materialize_grads=True)
    return logits.detach(), dict(zip(names, found, strict=True))


def table_gradient(model_class, sizes, seed, tokens, cotangent):
    """The gradient of the embedding table alone; nothing in `tokens` may be padding."""
    model = _model(model_class, sizes, seed)
    table = model.token_embedding.embedding.weight
    return torch.autograd.grad(_pulled(model(tokens), cotangent), table, materialize_grads=True)[0]


def initial_scale(model_class, sizes):
    """The size of a new table's entries in units of d_model^(-1/2), as a whole number: 1 unless it is far off."""
    table = model_class(**sizes).token_embedding.embedding.weight.detach()
    return round(float(table.std()) * sizes["d_model"] ** 0.5)


def train(model_class, sizes, windows, rate, seed):
    """Lab B: train on each batch once. The rate rises for a tenth of the steps, and falls to 0 over the second half.

    windows (steps, B, T + 1): all but the last token are read, all but the first are to be said. Yields the loss of
    each step, and then the learned weights.
    """
    torch.manual_seed(seed)
    model = model_class(**sizes).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for step, window in enumerate(windows, start=1):
        done = step / len(windows)
        optimizer.param_groups[0]["lr"] = rate * min(1.0, 10 * done, 2 * (1 - done))
        logits = model(window[:, :-1])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), window[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        yield loss.detach()
    yield dict(model.state_dict())
