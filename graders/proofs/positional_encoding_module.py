"""Proof that the grader of PositionalEncoding can be trusted."""

import torch
from torch import Tensor, nn

from solutions.positions import PositionalEncoding, positional_encoding


def oracle(module, x, offset=0):
    """One number at a time, from the table's own entries; the module is in eval mode, so nothing is dropped."""
    if offset + x.size(1) > len(module.table):
        raise ValueError
    out = torch.empty_like(x)
    for b in range(x.size(0)):
        for t in range(x.size(1)):
            for column in range(x.size(2)):
                out[b, t, column] = x[b, t, column] + module.table[offset + t, column]
    return out


class _Given(nn.Module):
    """The constructor that students are given."""

    table: Tensor

    def __init__(self, d_model: int, max_len: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("table", positional_encoding(max_len, d_model))
        self.dropout = nn.Dropout(dropout)


class right_broadcast_explicitly(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        batch, length, _ = x.shape
        if length + offset > self.table.shape[0]:
            raise ValueError("the sequence is longer than the table")
        rows = self.table[None, offset : offset + length].to(x).repeat(batch, 1, 1)
        return self.dropout(torch.add(x, rows))


class right_index_select(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        positions = torch.arange(offset, offset + x.size(1), device=x.device)
        if positions[-1] >= self.table.size(0):
            raise ValueError(f"no row for position {positions[-1]}")
        rows = nn.functional.embedding(positions, self.table).type_as(x)
        return nn.functional.dropout(x + rows, p=self.dropout.p, training=self.training)


class right_loop(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if not offset + x.size(1) <= len(self.table):
            raise ValueError("too long")
        columns = [x[:, t] + self.table[offset + t].to(x.dtype) for t in range(x.size(1))]
        return self.dropout(torch.stack(columns, dim=1))


class right_float64_inside(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        rows = self.table.double().narrow(0, 0, self.table.size(0))[offset:][: x.size(1)]
        if rows.size(0) < x.size(1):
            raise ValueError("too long")
        return self.dropout((x.double() + rows).to(x.dtype))


class right_own_dropout(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        end = offset + x.size(1)
        if end > self.table.size(0):
            raise ValueError("too long")
        out = x + self.table[offset:end].to(dtype=x.dtype).requires_grad_(False)
        if not self.training or self.dropout.p == 0:
            return out
        keep = torch.rand(out.shape) >= self.dropout.p
        return out * keep / (1 - self.dropout.p)


class right_clone_then_add(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        max_len, _ = self.table.shape
        if max_len - offset < x.size(1):
            raise ValueError("too long")
        out = x.clone()
        out += self.table[offset : offset + x.size(-2)].to(out.dtype)
        return self.dropout(out)


class second_batch_indexed(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        """Written for (length, batch, d_model), and used batch first."""
        if offset + x.shape[1] > self.table.shape[0]:
            raise ValueError("too long")
        rows = self.table.narrow(0, offset, x.shape[0]).unsqueeze(0).type_as(x)
        return self.dropout(x.add(rows))


class second_offset_unused(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if x.size(1) > self.table.size(0):
            raise ValueError("too long")
        out = x + self.table.unsqueeze(0)[:, : x.size(1)].to(x.dtype)
        return self.dropout(out)


class second_offset_ignored(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        batch, length, _ = x.shape
        if offset + length > self.table.size(0):
            raise ValueError("too long")
        return self.dropout(torch.stack([x[b] + self.table[:length].to(x.dtype) for b in range(batch)]))


class second_no_length_check(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        rows = self.table[offset:][: x.size(1)]
        return self.dropout(x + rows.to(x.dtype)[None])


class second_in_place_add(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if offset + x.size(1) > self.table.size(0):
            raise ValueError("too long")
        return self.dropout(x.add_(self.table[offset : offset + x.size(1)].to(x.dtype)))


class second_detaches_x(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if offset + x.size(1) > self.table.size(0):
            raise ValueError("too long")
        with torch.no_grad():
            out = x + self.table[offset : offset + x.size(1)].to(x.dtype)
        return self.dropout(out)


class second_plain_attribute(nn.Module):
    def __init__(self, d_model: int, max_len: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.d_model = d_model
        self.dropout = nn.Dropout(dropout)
        self.table = positional_encoding(max_len, d_model).detach().requires_grad_(False)

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if offset + x.size(1) > len(self.table):
            raise ValueError("too long")
        return self.dropout(x + self.table[offset : offset + x.size(1)].to(x.dtype))


class second_dropout_always(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if offset + x.size(1) > self.table.size(0):
            raise ValueError("too long")
        out = x + self.table[offset : offset + x.size(1)].to(x.dtype)
        keep = (torch.rand_like(out) >= self.dropout.p).to(out.dtype)
        return out * keep / (1 - self.dropout.p)


class second_dtype_promoted(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if offset + x.size(1) > self.table.size(0):
            raise ValueError("too long")
        return self.dropout(self.table[offset : offset + x.size(1)].expand(len(x), -1, -1) + x)


class double_multiplies_without_offset(PositionalEncoding):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if offset + x.size(1) > self.table.size(0):
            raise ValueError("too long")
        return self.dropout(x * self.table[: x.size(1)].to(x.dtype))


class double_no_check_and_no_dropout(_Given):
    """The module as most tutorials print it."""

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        return x + self.table[offset : offset + x.size(1)].to(x.dtype)


class double_detached_and_in_place(_Given):
    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if offset + x.size(1) > self.table.size(0):
            raise ValueError("too long")
        x.data += self.table[offset : offset + x.size(1)].to(x.dtype)
        return self.dropout(x.detach())
