"""What goes wrong with PositionRows."""

from torch import Tensor

from solutions.bugs import PositionRows


class hands_out_the_table(PositionRows):
    """You still hand out the table itself: a slice is a window, and who writes through it changes all later positions.

    Hint: change what you got, and ask again. Which operation makes a copy of its own?
    """

    def forward(self, length: int) -> Tensor:
        if length > self.table.size(0):
            raise ValueError("too long")
        return self.table[:length]


class whole_table_handed_out(PositionRows):
    """You copy a part of the table, but who asks for all rows still gets the table itself.

    Hint: ask for max_len rows, change them, and ask again.
    """

    def forward(self, length: int) -> Tensor:
        if length > self.table.size(0):
            raise ValueError("too long")
        return self.table if length == self.table.size(0) else self.table[:length].clone()


class whole_table_copied(PositionRows):
    """You copy the whole table and return all of it: only the first `length` rows were asked for.

    Hint: which shape has your answer?
    """

    def forward(self, length: int) -> Tensor:
        if length > self.table.size(0):
            raise ValueError("too long")
        return self.table.clone()


class length_not_checked(PositionRows):
    """You lost the check of the length: a slice past the end silently gives fewer rows than were asked for.

    Hint: ask a table of 6 rows for 7.
    """

    def forward(self, length: int) -> Tensor:
        return self.table[:length].clone()


class last_row_refused(PositionRows):
    """You refuse the length max_len, for which there are rows enough.

    Hint: ask a table of 6 rows for 6.
    """

    def forward(self, length: int) -> Tensor:
        if length >= self.table.size(0):
            raise ValueError("too long")
        return self.table[:length].clone()
