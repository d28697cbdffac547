"""What goes wrong with EarlyStopping."""

import copy

from solutions.bonus import EarlyStopping


class patience_off_by_one(EarlyStopping):
    """You stop one update too late: with a patience of 1 the first update without improvement must say stop.

    Hint: with patience 2, how many updates without improvement do you wait for?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
            if state is not None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited > self.patience


class reference_not_copy(EarlyStopping):
    """You keep the state itself, not a copy: the model goes on training, and your best state goes along with it.

    Hint: change a tensor of the state after the update. Does best_state change?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
            if state is not None:
                self.best_state = state
        else:
            self.waited += 1
        return self.waited >= self.patience


class shallow_copy(EarlyStopping):
    """You copy the dictionary but not what is in it: its tensors are still the model's own.

    Hint: change a tensor of the state in place after the update. Does best_state change?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
            if state is not None:
                self.best_state = {
                    name: {**kept, "steps": list(kept["steps"])} if isinstance(kept, dict) else kept
                    for name, kept in state.items()
                }
        else:
            self.waited += 1
        return self.waited >= self.patience


class ge_vs_gt(EarlyStopping):
    """You take an equal loss for an improvement; only a loss *below* the mark is one.

    Hint: report the same loss for ever. When do you stop?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss <= self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
            if state is not None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited >= self.patience


class nan_is_best(EarlyStopping):
    """You take NaN for an improvement, and from then on nothing is better: every comparison with NaN is False.

    Hint: which way round must the question be asked, so that NaN gets the answer no?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss >= self.best_loss - self.min_delta:
            self.waited += 1
        else:
            self.best_loss, self.waited = loss, 0
            if state is not None:
                self.best_state = copy.deepcopy(state)
        return self.waited >= self.patience


class nan_stops(EarlyStopping):
    """You stop at once when a loss is NaN; here it is an update without improvement like any other.

    Hint: what does patience say about a single bad update?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss != loss:
            return True
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
            if state is not None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited >= self.patience


class nan_ignored(EarlyStopping):
    """You pass over a loss that is NaN as if there had been no update; it counts as one without improvement.

    Hint: report NaN for ever. When do you stop?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
            if state is not None:
                self.best_state = copy.deepcopy(state)
        elif loss == loss:
            self.waited += 1
        return self.waited >= self.patience


class resets_never(EarlyStopping):
    """You count all updates without improvement; an improvement must set the count back to 0.

    Hint: report worse and better losses in turn. Do you ever stop?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.best_loss = loss
            if state is not None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited >= self.patience


class compares_with_previous(EarlyStopping):
    """You compare with the update before instead of the best one: a loss that rises and falls for ever never stops.

    Hint: report 1, 3, 2, 3, 2, 3, 2. Which of these is an improvement?
    Seen: teaching
    """

    def update(self, loss, state=None):
        previous, self.previous = getattr(self, "previous", float("inf")), loss
        if loss < previous - self.min_delta:
            self.waited = 0
            self.best_loss = min(self.best_loss, loss)
            if state is not None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited >= self.patience


class min_delta_ignored(EarlyStopping):
    """You take any smaller loss for an improvement; it must be smaller by more than min_delta.

    Hint: report a loss that falls by a hair each time, with a min_delta of more than a hair.
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss:
            self.best_loss, self.waited = loss, 0
            if state is not None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited >= self.patience


class min_delta_added(EarlyStopping):
    """You add min_delta to the mark, so that a loss a little *worse* than the best passes for an improvement.

    Hint: with a best loss of 2 and min_delta 0.5, which losses are improvements?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss + self.min_delta:
            self.best_loss, self.waited = loss, 0
            if state is not None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited >= self.patience


class creeping_best(EarlyStopping):
    """You lower the best loss by every tiny step: a slow fall then never adds up to an improvement.

    Hint: the loss falls by a little each time, after five updates by more than min_delta. Is that an improvement?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.waited = 0
            if state is not None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        if loss < self.best_loss:
            self.best_loss = loss
        return self.waited >= self.patience


class larger_is_better(EarlyStopping):
    """You look for the largest value, as for an accuracy; a loss is better when it is smaller.

    Hint: is a loss of 3 better than a loss of 2?
    Seen: teaching
    """

    def update(self, loss, state=None):
        best = -self.best_loss if self.best_loss == float("inf") else self.best_loss
        if loss > best + self.min_delta:
            self.best_loss, self.waited = loss, 0
            if state is not None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited >= self.patience


class best_loss_not_kept(EarlyStopping):
    """You never lower best_loss, so that every loss is below it and counts as an improvement.

    Hint: what is best_loss after the first update?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.waited = 0
            if state is not None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited >= self.patience


class latest_state(EarlyStopping):
    """You keep the state of every update, so that at the end you have the last one, not the best one.

    Hint: which update does best_state come from?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if state is not None:
            self.best_state = copy.deepcopy(state)
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
        else:
            self.waited += 1
        return self.waited >= self.patience


class first_state_only(EarlyStopping):
    """You keep the first state that you are given and never a better one.

    Hint: which update does best_state come from?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
            if state is not None and self.best_state is None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited >= self.patience


class state_forgotten(EarlyStopping):
    """You never keep the state: when it is time to stop, the best model is gone.

    Hint: what is best_state after an improvement?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
        else:
            self.waited += 1
        return self.waited >= self.patience


class stop_and_go_swapped(EarlyStopping):
    """You return True for going on; True means stop now.

    Hint: what do you return on the very first update?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
            if state is not None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited < self.patience


class stops_only_once(EarlyStopping):
    """You say stop in one update only: asked again after that, you let training go on.

    Hint: patience has been reached, and the next loss is worse still. What do you return?
    Seen: teaching
    """

    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
            if state is not None:
                self.best_state = copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited == self.patience
