"""What goes wrong with PositionalEncoding."""

import torch
from torch import Tensor, nn

from solutions.positions import PositionalEncoding, positional_encoding


def _rows(module: PositionalEncoding, x: Tensor, offset: int) -> Tensor:
    """The right rows of the table (T, d_model), in the dtype of x."""
    end = offset + x.size(1)
    if end > module.table.size(0):
        raise ValueError("past the end of the table")
    return module.table[offset:end].to(x.dtype)


class plain_attribute(PositionalEncoding):
    """Your table is an ordinary attribute: it does not move or change type with the module, and is not saved with it.

    Hint: move the module to another dtype, and look at the table's.
    """

    def __init__(self, d_model: int, max_len: int, dropout: float = 0.0) -> None:
        nn.Module.__init__(self)
        self.table = positional_encoding(max_len, d_model)
        self.dropout = nn.Dropout(dropout)


class parameter(PositionalEncoding):
    """Your table is a parameter, so the optimiser changes it: the sinusoids are fixed, only a buffer keeps them so.

    Hint: list the parameters of your module.
    """

    def __init__(self, d_model: int, max_len: int, dropout: float = 0.0) -> None:
        nn.Module.__init__(self)
        self.table = nn.Parameter(positional_encoding(max_len, d_model))
        self.dropout = nn.Dropout(dropout)


class batch_indexed(PositionalEncoding):
    """You cut the table to the size of the batch: positions run along the length, which is axis 1.

    Hint: try one sample of five tokens, then two samples.
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if offset + x.size(1) > self.table.size(0):
            raise ValueError("past the end of the table")
        return self.dropout(x + self.table[offset : offset + x.size(0)].to(x.dtype))


class whole_table(PositionalEncoding):
    """You add the whole table, whatever the length of x: that fits only a sequence as long as the table.

    Hint: how many rows has your table, and how many positions has x?
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if offset + x.size(1) > self.table.size(0):
            raise ValueError("past the end of the table")
        return self.dropout(x + self.table.to(x.dtype))


class multiplies(PositionalEncoding):
    """You multiply x by the positions instead of adding them: row 0 is half zeros and erases half of the first word.

    Hint: what does your module make of a vector at position 0?
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        return self.dropout(x * _rows(self, x, offset))


class replaces(PositionalEncoding):
    """You return the positions alone: the words themselves are lost. The positions are added to x.

    Hint: change x. Does your output change?
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        return self.dropout(_rows(self, x, offset).expand_as(x))


class offset_ignored(PositionalEncoding):
    """You always begin at row 0: when tokens come one at a time, every one of them then stands at position 0.

    Hint: compare the second half of a long sequence with the same tokens passed alone, with their offset.
    Seen: ml-explore/mlx-lm 93
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        _rows(self, x, offset)
        return self.dropout(x + self.table[: x.size(1)].to(x.dtype))


class offset_unused(PositionalEncoding):
    """You never use the offset: every chunk begins at row 0, and one that ends past the table is not refused.

    Hint: compare the second half of a long sequence with the same tokens passed alone, with their offset.
    Seen: ml-explore/mlx-lm 93
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        return self.dropout(x + _rows(self, x, 0))


class no_length_check(PositionalEncoding):
    """Past its end the table has fewer rows than x: one row left is added everywhere in silence. Raise ValueError.

    Hint: what comes out for three tokens if a single row of the table is left?
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        return self.dropout(x + self.table[offset : offset + x.size(1)].to(x.dtype))


class length_checked_without_offset(PositionalEncoding):
    """You compare the length alone with max_len: the last position is offset + T - 1, and that one must exist.

    Hint: three tokens fit a table of nine rows. Do they still, when the first one stands at position 7?
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if x.size(1) > self.table.size(0):
            raise ValueError("past the end of the table")
        return self.dropout(x + self.table[offset : offset + x.size(1)].to(x.dtype))


class last_row_refused(PositionalEncoding):
    """You refuse a sequence that just fits: offset + T may be equal to max_len, the last row is a row like any other.

    Hint: a table of nine rows, nine tokens: which row is needed last?
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        if offset + x.size(1) >= self.table.size(0):
            raise ValueError("past the end of the table")
        return self.dropout(x + self.table[offset : offset + x.size(1)].to(x.dtype))


class detaches_x(PositionalEncoding):
    """Your result is cut off from x: no gradient comes back through it, so the embedding below learns nothing.

    Hint: let x require a gradient and call backward.
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        return self.dropout(x.detach() + _rows(self, x, offset))


class in_place_add(PositionalEncoding):
    """You add the positions to the caller's own tensor: whoever passed x finds it changed afterwards.

    Hint: print x before and after the call.
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        x += _rows(self, x, offset)
        return self.dropout(x)


class dtype_promoted(PositionalEncoding):
    """You add a float32 table to whatever comes, so a float16 input comes out as float32: cast the rows to x's dtype.

    Hint: pass x in half precision and look at the dtype of the result.
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        _rows(self, x, offset)
        return self.dropout(x + self.table[offset : offset + x.size(1)])


class dropout_forgotten(PositionalEncoding):
    """Your dropout is never applied: section 5.4 puts it on the sum of embeddings and positions.

    Hint: in training, how many zeros are there in your output?
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        return x + _rows(self, x, offset)


class dropout_always(PositionalEncoding):
    """Your dropout does not stop after training: then the same sentence gives another answer every time.

    Hint: call it twice after eval().
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        return nn.functional.dropout(x + _rows(self, x, offset), self.dropout.p)


class dropout_on_positions(PositionalEncoding):
    """You drop entries of the positions only: section 5.4 applies dropout to the sum of embeddings and positions.

    Hint: can an entry of your output be zero where x is not?
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        rows = _rows(self, x, offset).expand_as(x)
        return x + self.dropout(rows)


class dropout_on_x(PositionalEncoding):
    """You drop entries of x only and add the positions afterwards: section 5.4 applies dropout to the sum.

    Hint: what is left where an entry is dropped?
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        return self.dropout(x) + _rows(self, x, offset)


class scales_x(PositionalEncoding):
    """You multiply x by √d_model here: the embedding has done that already, so the words now drown the positions.

    Hint: where does section 3.4 put that factor?
    """

    def forward(self, x: Tensor, offset: int = 0) -> Tensor:
        return self.dropout(x * torch.tensor(x.size(-1)).sqrt().to(x.dtype) + _rows(self, x, offset))
