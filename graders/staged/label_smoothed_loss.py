"""The loss as a training loop uses it."""


def learn_from(label_smoothed_loss, logits, targets, smoothing, pad_id):
    """The loss, and the gradient that backward() leaves: a loss without a graph crashes here."""
    logits = logits.clone().requires_grad_()
    loss = label_smoothed_loss(logits, targets, smoothing, pad_id)
    loss.backward()
    return loss.detach(), logits.grad
