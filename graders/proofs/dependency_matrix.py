"""Proof that the grader of dependency_matrix can be trusted."""

import copy

import torch
from torch.func import jacrev


def oracle(f, length, d):
    """Forward mode: pushes every unit vector of the input through and looks where it arrives."""
    x = torch.randn(1, length, d)
    found = torch.zeros(length, length, dtype=torch.bool)
    for position in range(length):
        for feature in range(d):
            direction = torch.zeros_like(x)
            direction[0, position, feature] = 1.0
            pushed = torch.func.jvp(f, (x,), (direction,))[1]
            found[:, position] |= (pushed[0] != 0).flatten(1).any(dim=-1)
    return found


def right_one_output_at_a_time(f, length, d):
    x = torch.randn(1, length, d, requires_grad=True)
    y = f(x)
    found = torch.zeros(length, length, dtype=torch.bool)
    if not y.requires_grad:
        return found
    for i in range(length):
        for number in y[0, i].flatten():
            (slope,) = torch.autograd.grad(number, x, retain_graph=True, allow_unused=True)
            if slope is not None:
                found[i] |= (slope[0] != 0).any(dim=-1)
    return found


def right_random_weighting(f, length, d):
    x = torch.rand(1, length, d).requires_grad_()
    rows = []
    for i in range(length):
        with torch.enable_grad():
            y = f(x)[:, i]
            weighted = (y * torch.randn_like(y)).sum() + 0.0 * x.sum()
        slope = torch.autograd.grad(weighted, x)[0]
        rows.append(slope.abs().amax(dim=(0, 2)) > 0)
    return torch.stack(rows)


def right_jacrev(f, length, d):
    jacobian = jacrev(f)(torch.randn(1, length, d))[0, :, ..., 0, :, :]
    return jacobian.flatten(1, -3).abs().sum(dim=(1, 3)).ne(0)


def right_backward_on_a_copy(f, length, d):
    """backward() is fine where the parameters are those of a copy."""
    own = copy.deepcopy(f)
    found = torch.zeros(length, length, dtype=torch.bool)
    for i in range(length):
        x = torch.randn(1, length, d, requires_grad=True)
        y = own(x)[0, i]
        if y.requires_grad:
            y.backward(torch.rand_like(y) + 1)
        if x.grad is not None:
            for j in range(length):
                found[i, j] = bool(torch.count_nonzero(x.grad[0, j]))
    return found


def right_vjp(f, length, d):
    x = torch.randn(1, length, d)
    y, pull = torch.func.vjp(f, x)[:2]
    rows = []
    for i in range(length):
        cotangent = torch.zeros_like(y)
        cotangent[0, i] = torch.randn_like(y[0, i])
        rows.append((pull(cotangent)[0][0] != 0).sum(dim=1) > 0)
    return torch.vstack(rows)


def second_sum_cancels(f, length, d):
    x = torch.randn(1, length, d, requires_grad=True)
    sums = f(x).sum(dim=-1)[0]
    rows = []
    for i in range(length):
        slope = None
        if sums.requires_grad:
            (slope,) = torch.autograd.grad(sums[i], x, retain_graph=True, allow_unused=True)
        rows.append(torch.zeros(length) if slope is None else slope[0].abs().sum(dim=-1))
    return torch.stack(rows) > 0


def second_jacobian_transposed(f, length, d):
    jacobian = torch.autograd.functional.jacobian(f, torch.randn(1, length, d))
    return (jacobian.reshape(length, -1, length, d) != 0).any(dim=3).any(dim=1).t()


def second_eps_too_large(f, length, d):
    jacobian = torch.autograd.functional.jacobian(f, torch.randn(1, length, d))
    return jacobian.reshape(length, -1, length, d).abs().amax(dim=(1, 3)) > 1e-5


def second_parameter_gradients_touched(f, length, d):
    x = torch.randn(1, length, d, requires_grad=True)
    rows = []
    for i in range(length):
        x.grad = torch.zeros_like(x)
        y = f(x)[0, i]
        if y.requires_grad:
            y.backward(1 + torch.rand_like(y))
        rows.append(x.grad[0].ne(0).any(dim=-1))
    return torch.stack(rows)


def second_at_zero(f, length, d):
    jacobian = torch.autograd.functional.jacobian(f, torch.zeros(1, length, d))
    return (jacobian.reshape(length, -1, length, d) != 0).any(dim=3).any(dim=1)


def second_assumes_causality(f, length, d):
    jacobian = torch.autograd.functional.jacobian(f, torch.randn(1, length, d)).reshape(length, -1, length, d)
    found = (jacobian != 0).any(dim=3).any(dim=1)
    return torch.tensor([[bool(found[i, j]) and j <= i for j in range(length)] for i in range(length)])


def double_transposed_and_summed(f, length, d):
    jacobian = torch.autograd.functional.jacobian(lambda x: f(x).sum(dim=-1), torch.randn(1, length, d))
    return (jacobian.reshape(length, length, d) != 0).any(dim=-1).T


def double_threshold_at_zero(f, length, d):
    jacobian = torch.autograd.functional.jacobian(f, torch.zeros(1, length, d))
    return (jacobian.reshape(length, -1, length, d).abs() > 1e-4).any(dim=3).any(dim=1)


def double_first_feature_and_causal(f, length, d):
    jacobian = torch.autograd.functional.jacobian(lambda x: f(x)[..., :1], torch.randn(1, length, d))
    return (jacobian.reshape(length, length, d) != 0).any(dim=-1).tril()
