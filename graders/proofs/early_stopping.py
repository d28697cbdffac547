"""Proof that the grader of EarlyStopping can be trusted."""

import copy
import math
import pickle

import torch

from solutions.bonus import EarlyStopping


class oracle(EarlyStopping):
    """Keeps the whole history and reads the answer off it, update by update."""

    def update(self, loss, state=None):
        history = [*getattr(self, "history", []), (loss, copy.deepcopy(state))]
        self.history = history
        best, since, self.best_state = math.inf, 0, None
        for value, kept in history:
            better = not math.isnan(value) and best - value > self.min_delta
            best = value if better else best
            since = 0 if better else since + 1
            self.best_state = kept if better and kept is not None else self.best_state
        self.best_loss = best
        return since >= self.patience


class right_early_return(EarlyStopping):
    def update(self, loss, state=None):
        if not loss < self.best_loss - self.min_delta:
            self.waited += 1
            return self.waited >= self.patience
        self.best_loss, self.waited = loss, 0
        self.best_state = copy.deepcopy(state)
        return False


class right_counts_down(EarlyStopping):
    def __init__(self, patience, min_delta=0.0):
        super().__init__(patience, min_delta)
        self.left = patience

    def update(self, loss, state=None):
        improved = not math.isnan(loss) and loss + self.min_delta < self.best_loss
        if improved:
            self.best_loss = loss
            if state is not None:
                self.best_state = {name: copy.deepcopy(value) for name, value in state.items()}
        self.left = self.patience if improved else self.left - 1
        return self.left <= 0


class right_remembers_losses(EarlyStopping):
    def update(self, loss, state=None):
        self.recent = getattr(self, "recent", [])
        if self.best_loss - loss > self.min_delta:
            self.best_loss, self.recent = float(loss), []
            if state is not None:
                self.best_state = pickle.loads(pickle.dumps(state))
        else:
            self.recent.append(loss)
        return len(self.recent) >= self.patience


class right_clones_by_hand(EarlyStopping):
    def update(self, loss, state=None):
        def copied(value):
            if isinstance(value, torch.Tensor):
                return value.detach().clone()
            if isinstance(value, dict):
                return {key: copied(inner) for key, inner in value.items()}
            return [copied(inner) for inner in value] if isinstance(value, list) else value

        target = self.best_loss - self.min_delta
        self.waited = 0 if loss < target else self.waited + 1
        if self.waited == 0:
            self.best_loss = loss
            self.best_state = self.best_state if state is None else copied(state)
        return not self.waited < self.patience


class second_reference_not_copy(EarlyStopping):
    def update(self, loss, state=None):
        if not loss < self.best_loss - self.min_delta:
            self.waited += 1
            return self.waited >= self.patience
        self.best_loss, self.best_state, self.waited = loss, state, 0
        return False


class second_patience_off_by_one(EarlyStopping):
    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.best_state, self.waited = loss, copy.deepcopy(state), 0
            return False
        if self.waited >= self.patience:
            return True
        self.waited += 1
        return False


class second_ge_vs_gt(EarlyStopping):
    def update(self, loss, state=None):
        if not math.isnan(loss) and self.best_loss - loss >= self.min_delta:
            self.best_loss, self.best_state, self.waited = loss, copy.deepcopy(state), 0
        else:
            self.waited += 1
        return self.waited >= self.patience


class second_resets_never(EarlyStopping):
    def update(self, loss, state=None):
        worse = not loss < self.best_loss - self.min_delta
        if not worse:
            self.best_loss, self.best_state = loss, copy.deepcopy(state)
        self.waited += int(worse)
        return self.waited >= self.patience


class second_nan_is_best(EarlyStopping):
    def update(self, loss, state=None):
        if self.best_loss - loss <= self.min_delta:
            self.waited += 1
            return self.waited >= self.patience
        self.best_loss, self.best_state, self.waited = loss, copy.deepcopy(state), 0
        return False


class double_off_by_one_and_never_resets(EarlyStopping):
    def update(self, loss, state=None):
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.best_state = loss, copy.deepcopy(state)
        else:
            self.waited += 1
        return self.waited > self.patience


class double_no_delta_and_no_copy(EarlyStopping):
    def update(self, loss, state=None):
        if loss < self.best_loss:
            self.best_loss, self.best_state, self.waited = loss, state, 0
        else:
            self.waited += 1
        return self.waited >= self.patience


class double_equal_counts_and_latest_state(EarlyStopping):
    def update(self, loss, state=None):
        self.best_state = copy.deepcopy(state)
        if loss <= self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
        else:
            self.waited += 1
        return self.waited >= self.patience
