"""Proof that the grader of layer_norm can be trusted."""

import math

import torch
from torch import Tensor, nn


def oracle(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """torch's own layer norm."""
    return nn.functional.layer_norm(x, x.shape[-1:], weight, bias, eps)


def right_torch_module(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    norm = nn.LayerNorm(x.shape[-1], eps=eps, elementwise_affine=False, dtype=x.dtype)
    return torch.addcmul(bias, norm(x), weight)


def right_var_mean(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    variance, mean = torch.var_mean(x, dim=-1, keepdim=True, correction=0)
    return (x - mean) * torch.rsqrt(variance + eps) * weight + bias


def right_in_float64(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    wide = x.double()
    mean = wide.mean(-1, keepdim=True)
    variance = (wide**2).mean(-1, keepdim=True) - mean**2
    return ((wide - mean) / (variance + eps) ** 0.5 * weight.double() + bias.double()).to(x.dtype)


def right_einsum(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    d = x.size(-1)
    centre = torch.eye(d, dtype=x.dtype) - torch.full((d, d), 1 / d, dtype=x.dtype)
    centred = torch.einsum("...i,ij->...j", x, centre)
    variance = torch.einsum("...i,...i->...", centred, centred) / d
    return torch.einsum("...i,...,i->...i", centred, (variance + eps) ** -0.5, weight) + bias


def right_loops(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    d = x.shape[-1]
    tokens = []
    for token in x.reshape(-1, d):
        mean = sum(token) / d
        variance = sum((feature - mean) ** 2 for feature in token) / d
        tokens.append(torch.stack([(feature - mean) / (variance + eps) ** 0.5 for feature in token]))
    return torch.stack(tokens).reshape(x.shape) * weight + bias


def right_norm_of_vector(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """The standard deviation is a length divided by √d."""
    d = x.size(-1)
    centred = x - x.mean(-1, keepdim=True)
    length_squared = centred.square().sum(-1, keepdim=True) + d * eps
    return weight * centred * math.sqrt(d) / length_squared.sqrt() + bias


def second_unbiased(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    mu = x.mean(-1, keepdim=True)
    sigma2 = ((x - mu) ** 2).sum(-1, keepdim=True) / (x.shape[-1] - 1)
    return (x - mu) / (sigma2 + eps).sqrt() * weight + bias


def second_over_sequence(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    axis = x.dim() - 2
    mu, sigma2 = x.mean(axis, keepdim=True), x.var(axis, keepdim=True, unbiased=False)
    return weight * ((x - mu) * torch.rsqrt(sigma2 + eps)) + bias


def second_eps_outside_root(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    mu = x.mean(dim=-1, keepdim=True)
    std = x.std(dim=-1, keepdim=True, unbiased=False)
    return weight * ((x - mu) / (std + eps)) + bias


def second_unbiased_and_eps_outside__annotated(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    mean = x.mean(-1, keepdim=True)
    std = torch.sqrt(((x - mean) ** 2).sum(-1, keepdim=True) / (x.size(-1) - 1))
    return weight * (x - mean) / (std + eps) + bias


def second_mean_not_removed(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    return nn.functional.rms_norm(x, x.shape[-1:], weight, eps) + bias


def second_eps_hard_coded(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    return nn.functional.layer_norm(x, x.shape[-1:], weight, bias)


def second_no_affine(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    return nn.functional.layer_norm(x, x.shape[-1:], eps=eps)


def second_over_batch(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    variance, mean = torch.var_mean(x, dim=0, keepdim=True, unbiased=False)
    return (x - mean) / torch.sqrt(variance + eps) * weight + bias


def double_unbiased_over_sequence(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    mu, sigma2 = x.mean(-2, keepdim=True), x.var(-2, keepdim=True)
    return weight * (x - mu) / torch.sqrt(sigma2 + eps) + bias


def double_mean_not_removed_without_bias(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    return weight * x / torch.sqrt(x.pow(2).mean(-1, keepdim=True) + eps)


def double_unbiased_and_eps_hard_coded(x: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    mu, sigma2 = x.mean(-1, keepdim=True), x.var(-1, keepdim=True)
    return weight * (x - mu) / torch.sqrt(sigma2 + 1e-5) + bias
