"""A loop that reports losses and states, and goes on training in between."""


def follow(early_stopping, options, losses, weights=None):
    """Report the losses in turn, each with a state dict whose parts go on changing, as a model's do.

    Returns what every update said, and the best loss and state after each of them.
    """
    stopper = early_stopping(**options)
    said, best_losses, best_states = [], [], []
    state = {} if weights is None else {"weight": weights.clone(), "nested": {"steps": [0]}}
    for step, loss in enumerate(losses):
        said.append(stopper.update(loss, state) if state else stopper.update(loss))
        best_losses.append(stopper.best_loss)
        kept = stopper.best_state
        best_states.append(None if kept is None else (kept["weight"].clone(), list(kept["nested"]["steps"])))
        _train(state, step)
    return said, best_losses, best_states


def _train(state, step):
    if state:
        state["weight"].mul_(-0.5).add_(step + 1)
        state["nested"]["steps"].append(step)
