"""Runs beside the student's Transformer. What comes back is cut to the positions that are not padding."""

import importlib

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
def memory_at_real_tokens(model_class, sizes, seed, source):
    """The memory at every source token that is not padding, one row each."""
    return _model(model_class, sizes, seed).encode(source)[source != sizes["pad_id"]]


@torch.no_grad()
def logits_at_real_tokens(model_class, sizes, seed, pairs):
    """The logits at every target token that is not padding, one row each, for (source, target input) in turn."""
    model = _model(model_class, sizes, seed)
    return [model(source, target_input)[target_input != sizes["pad_id"]] for source, target_input in pairs]


@torch.no_grad()
def decoded_at_real_tokens(model_class, sizes, seed, target_input, memory, source):
    """The same of `decode`, with a memory that no encoder made."""
    return _model(model_class, sizes, seed).decode(target_input, memory, source)[target_input != sizes["pad_id"]]


@torch.no_grad()
def in_training(model_class, sizes, seed, *tokens):
    """The output in train(), which is certain if dropout is 0 or 1."""
    return _model(model_class, sizes, seed).train()(*tokens)


def _pulled(logits, cotangent):
    """A number whose gradient in the logits is `cotangent`: given as `grad_outputs`, it makes torch import sympy."""
    return (logits * cotangent.expand_as(logits)).sum()


def gradients(model_class, sizes, seed, source, target_input, cotangent):
    """The gradient of every parameter, in the dtype of `cotangent` (B, T, V), of which padding gets nothing."""
    model = _model(model_class, sizes, seed, cotangent.dtype)
    real = (target_input != sizes["pad_id"]).unsqueeze(2)
    logits = torch.where(real, model(source, target_input), 0.0)
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(_pulled(logits, cotangent), parameters, materialize_grads=True)
    return logits.detach(), dict(zip(names, found, strict=True))


def table_gradient(model_class, sizes, seed, source, target_input, cotangent):
    """The gradient of the shared table alone; nothing in `target_input` may be padding."""
    model = _model(model_class, sizes, seed)
    table = model.token_embedding.embedding.weight
    return torch.autograd.grad(_pulled(model(source, target_input), cotangent), table, materialize_grads=True)[0]


def initial_scale(model_class, sizes):
    """The size of a new table's entries in units of d_model^(-1/2), as a whole number: 1 unless it is far off."""
    table = model_class(**sizes).token_embedding.embedding.weight.detach()
    return round(float(table.std()) * sizes["d_model"] ** 0.5)


def train(model_class, sizes, sources, targets, bos_id, rate, seed, masks="exercises.masks"):
    """Lab C: train on each batch once. The rate rises for a tenth of the steps, and falls to 0 over the second half.

    sources (steps, B, S), targets (steps, B, T), shifted by the student's own `shift_right`, from the module `masks`.
    Yields the loss of each step, and then the learned weights, what the decoder was fed in the last batch (B, T), and
    its logits there for the whole target (B, T, V) and for each prefix of it.
    """
    shift_right = importlib.import_module(masks).shift_right
    torch.manual_seed(seed)
    model = model_class(**sizes).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate, betas=(0.9, 0.98), eps=1e-9)
    for step, (source, target) in enumerate(zip(sources, targets, strict=True), start=1):
        done = step / len(sources)
        optimizer.param_groups[0]["lr"] = rate * min(1.0, 10 * done, 2 * (1 - done))
        logits = model(source, shift_right(target, bos_id))
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        yield loss.detach()
    model.eval()
    with torch.no_grad():
        fed = shift_right(targets[-1], bos_id)
        memory = model.encode(sources[-1])
        prefixes = [model.decode(fed[:, :end], memory, sources[-1]) for end in range(1, fed.shape[1] + 1)]
        whole = model.decode(fed, memory, sources[-1])
    yield dict(model.state_dict()), fed, whole, prefixes
