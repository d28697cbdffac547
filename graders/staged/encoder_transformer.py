"""Runs beside the student's EncoderTransformer."""

import torch


@torch.no_grad()
def in_training(model_class, sizes, state, *tokens):
    """The output in train(), which is certain if dropout is 0 or 1."""
    model = model_class(**sizes)
    model.load_state_dict(state)
    return model.train()(*tokens)


def gradients(model_class, sizes, state, tokens, cotangent):
    """Logits, and the gradient of every parameter, in the dtype of `cotangent` (B, num_classes)."""
    model = model_class(**sizes).to(cotangent.dtype)
    model.load_state_dict(state)
    model.eval()
    logits = model(tokens)
    names, parameters = zip(*model.named_parameters(), strict=True)
    found = torch.autograd.grad(logits, parameters, cotangent, materialize_grads=True)
    return logits.detach(), dict(zip(names, found, strict=True))


def train(model_class, sizes, tokens, labels, rate, seed):
    """Lab A: train on each batch once. The rate rises for a tenth of the steps, and falls to 0 over the second half.

    tokens (steps, B, T), labels (steps, B). Returns the learned weights and the losses (steps).
    """
    torch.manual_seed(seed)
    model = model_class(**sizes).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    for step, (batch, wanted) in enumerate(zip(tokens, labels, strict=True), start=1):
        done = step / len(tokens)
        optimizer.param_groups[0]["lr"] = rate * min(1.0, 10 * done, 2 * (1 - done))
        loss = torch.nn.functional.cross_entropy(model(batch), wanted)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.detach())
    return dict(model.state_dict()), torch.stack(losses)
