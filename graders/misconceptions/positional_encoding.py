"""What goes wrong with positional_encoding."""

import math

import torch
from torch import Tensor

from solutions.positions import positional_encoding


def _fill(angle: Tensor, d_model: int) -> Tensor:
    """Sines of `angle` (length, pairs) in the even columns, cosines in the odd ones."""
    table = torch.empty(angle.size(0), d_model)
    table[:, 0::2] = angle.sin()
    table[:, 1::2] = angle[:, : d_model // 2].cos()
    return table


def _position(length: int) -> Tensor:
    return torch.arange(length, dtype=torch.float32).unsqueeze(1)


def _exponent(d_model: int) -> Tensor:
    """2i / d_model for every pair i."""
    return torch.arange(0, d_model, 2, dtype=torch.float32) / d_model


def _interleave(angle: Tensor) -> Tensor:
    """Sines in the even columns and cosines in the odd ones of an angle of its own for each column."""
    even = torch.arange(angle.size(1)) % 2 == 0
    return torch.where(even, angle.sin(), angle.cos())


def sincos_swapped(length: int, d_model: int) -> Tensor:
    """You put cosines in the even columns; column 2i is the sine, so row 0 must read 0, 1, 0, 1, ...

    Hint: print row 0.
    """
    angle = _position(length) / 10000 ** _exponent(d_model)
    table = torch.empty(length, d_model)
    table[:, 0::2] = angle.cos()
    table[:, 1::2] = angle[:, : d_model // 2].sin()
    return table


def concatenated_halves(length: int, d_model: int) -> Tensor:
    """You put all sines before all cosines: that works alone, but the paper, and weights saved here, interleave them.

    Hint: look at columns 0 and 1 together. Are they a pair?
    """
    angle = _position(length) / 10000 ** _exponent(d_model)
    return torch.cat([angle.sin(), angle[:, : d_model // 2].cos()], dim=1)


def exponent_uses_dim_index(length: int, d_model: int) -> Tensor:
    """Your exponent is twice the column over d_model: i counts pairs of columns, and a pair shares one frequency.

    Hint: the squares of a pair should add up to 1. Do yours?
    Seen: jadore801120/attention-is-all-you-need-pytorch 32; DeepCTR 379
    """
    column = torch.arange(d_model, dtype=torch.float32)
    return _interleave(_position(length) / 10000 ** (2 * column / d_model))


def cos_next_frequency(length: int, d_model: int) -> Tensor:
    """Your cosines use a frequency of their own, from their odd column; a sine and its cosine share one angle.

    Hint: are the two angles of a pair equal?
    Seen: SamLynnEvans/Transformer 7, 25
    """
    column = torch.arange(d_model, dtype=torch.float32)
    return _interleave(_position(length) / 10000 ** (column / d_model))


def factor_two_missing(length: int, d_model: int) -> Tensor:
    """Your exponent is i / d_model, the 2 is missing: the wavelengths stop near 2π · 100 instead of 2π · 10000.

    Hint: which wavelength should the last pair have?
    """
    return _fill(_position(length) / 10000 ** (_exponent(d_model) / 2), d_model)


def base_1000(length: int, d_model: int) -> Tensor:
    """Your frequencies fall with powers of 1000; the paper takes 10000, so that wavelengths reach 2π · 10000.

    Hint: count the zeros.
    Seen: maxjcohen/transformer 62
    """
    return _fill(_position(length) / 1000 ** _exponent(d_model), d_model)


def positions_from_one(length: int, d_model: int) -> Tensor:
    """Your positions begin at 1; here they begin at 0, so that row 0 reads 0, 1, 0, 1, ...

    Hint: print row 0.
    """
    return _fill((_position(length) + 1) / 10000 ** _exponent(d_model), d_model)


def multiplied_not_divided(length: int, d_model: int) -> Tensor:
    """You multiply by the power of 10000: frequencies must fall from pair to pair, and yours rise to noise.

    Hint: is column 2 slower or faster than column 0?
    """
    return _fill(_position(length) * 10000 ** _exponent(d_model), d_model)


def integer_division_exponent(length: int, d_model: int) -> Tensor:
    """Integer division makes every exponent 0, so all pairs turn at the same speed and say the same.

    Hint: print the exponents before you use them.
    Seen: codertimo/BERT-pytorch 18; Kyubyong/transformer 81
    """
    exponent = torch.arange(0, d_model, 2) // d_model
    return _fill(_position(length) / 10000**exponent, d_model)


def length_normalised_position(length: int, d_model: int) -> Tensor:
    """You divide the position by the length: then the code of position 3 depends on how long the sentence is.

    Hint: compare the first rows of two tables of different length.
    """
    return _fill(_position(length) / max(length, 1) / 10000 ** _exponent(d_model), d_model)


def odd_d_crash(length: int, d_model: int) -> Tensor:
    """An odd d_model breaks your table: there is one sine more than there are cosines, and the last pair has no room.

    Hint: how many even columns, and how many odd ones, has a table with five?
    Seen: pyaptamer 526, 607
    """
    angle = _position(length) / 10000 ** _exponent(d_model)
    table = torch.empty(length, d_model)
    table[:, 0::2] = angle.sin()
    table[:, 1::2] = angle.cos()
    return table


def precedence(length: int, d_model: int) -> Tensor:
    """A floor division rounds your whole exponent down: // binds as tightly as /, so d_model was divided first.

    Hint: put brackets around what you meant, or print the frequencies.
    Seen: zju3dv/LoFTR 41
    """
    rate = -math.log(10000.0) / d_model // 2
    return _fill(_position(length) * torch.exp(torch.arange(0, d_model, 2) * rate), d_model)


def swapped_power(length: int, d_model: int) -> Tensor:
    """Base and exponent changed places: 10000 is what is raised to a power, not the power itself.

    Hint: the frequency of pair 0 must be 1. What is yours?
    Seen: ivanvovk/WaveGrad 12
    """
    return _fill(_position(length) * _exponent(d_model) ** 1e-4, d_model)


def in_degrees(length: int, d_model: int) -> Tensor:
    """You treat the angles as degrees: sine and cosine take radians here as everywhere in torch.

    Hint: position 1 has the angle 1 in the first pair. What should its sine be?
    """
    return _fill(torch.deg2rad(_position(length) / 10000 ** _exponent(d_model)), d_model)


def transposed(length: int, d_model: int) -> Tensor:
    """Your table lies on its side: rows are positions and columns are features, (length, d_model).

    Hint: which axis will be cut when a sentence is shorter than the table?
    """
    return positional_encoding(length, d_model).T.contiguous()


def stays_float64(length: int, d_model: int) -> Tensor:
    """Your table is float64: compute in it if you like, but return float32, or all that is added to it changes type.

    Hint: look at the dtype of the result.
    """
    angle = _position(length).double() / 10000 ** _exponent(d_model).double()
    return _fill(angle, d_model).double()
