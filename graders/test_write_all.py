"""write_all(logits_of, start (B, t), eos_id, pad_id, max_new) -> int64 (B, n), n <= max_new"""

import pytest
import torch

pytestmark = pytest.mark.exercise("write_all")


def script(randint, vocab, ends, steps, eos_id, pad_id):
    """Tables of the staged model: row b says EOS at its step `ends[b]` (None: never), and never writes padding."""
    follow = randint(-9, 10, vocab, vocab).float()
    schedule = torch.zeros(len(ends), steps + 2, vocab)
    schedule[:, :, pad_id] = schedule[:, :, eos_id] = -10_000.0
    for row, end in enumerate(ends):
        if end is not None:
            schedule[row, end, eos_id] = 10_000.0
    return follow, schedule


@pytest.mark.points(1)
def test_a_row_that_has_ended_waits_for_the_others(check, randint):
    tables = script(randint, 9, [3, 1, 5], 8, eos_id=2, pad_id=0)
    check.through("write", tables, randint(3, 9, 3, 2), eos_id=2, pad_id=0, max_new=8)
    tables = script(randint, 10, [0, None, 4, 4], 6, eos_id=3, pad_id=1)
    check.through("write", tables, randint(4, 10, 4, 1), eos_id=3, pad_id=1, max_new=6)


@pytest.mark.points(0.5)
def test_writing_stops_when_the_last_row_has_ended(check, randint):
    tables = script(randint, 9, [2, 0], 7, eos_id=5, pad_id=4)
    check.through("write", tables, randint(6, 9, 2, 3), eos_id=5, pad_id=4, max_new=7)


@pytest.mark.points(0.5)
@pytest.mark.hidden
def test_one_row_one_token_rows_that_never_end_and_rows_that_end_together_are_fine(check, randint):
    for ends, length, max_new in [
        ([2], 1, 6),
        ([None, None], 3, 4),
        ([1, 1, 1], 2, 5),
        ([0, None], 4, 1),
        ([6, 2, 0], 1, 9),
    ]:
        tables = script(randint, 11, ends, max_new, eos_id=4, pad_id=3)
        check.through("write", tables, randint(5, 11, len(ends), length), eos_id=4, pad_id=3, max_new=max_new)
