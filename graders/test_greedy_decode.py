"""greedy_decode(model, source (B, S), bos_id, eos_id, max_len) -> int64 (B, n), n <= max_len"""

import pytest
import torch

pytestmark = pytest.mark.exercise("greedy_decode")


def script(randint, vocab, ends, steps, eos_id, pad_id):
    """Tables of the staged model: row b says EOS at its step `ends[b]` (None: never), and never writes padding."""
    follow, recall, heard = (randint(-9, 10, vocab, vocab).float() for _ in range(3))
    schedule = torch.zeros(len(ends), steps + 2, vocab)
    schedule[:, :, pad_id] = -10_000.0
    schedule[:, :, eos_id] = -10_000.0
    for row, end in enumerate(ends):
        if end is not None:
            schedule[row, end, eos_id] = 10_000.0
    return follow, recall, heard, schedule


@pytest.mark.points(1.25)
def test_each_token_is_the_most_likely_one_after_all_that_was_written_before(check, randint):
    tables = script(randint, 9, [None, None, None], 6, eos_id=2, pad_id=0)
    check.through("write", tables, randint(3, 9, 3, 4), bos_id=1, eos_id=2, pad_id=0, max_len=6)
    tables = script(randint, 8, [None] * 8, 4, eos_id=5, pad_id=3)  # as many rows as tokens
    check.through("write", tables, randint(0, 8, 8, 5), bos_id=6, eos_id=5, pad_id=3, max_len=4)


@pytest.mark.points(1.25)
def test_rows_that_have_said_eos_are_padded_and_when_all_have_writing_stops(check, randint):
    source = randint(4, 10, 4, 3)
    tables = script(randint, 10, [3, 1, 5, 0], 9, eos_id=3, pad_id=2)
    check.through("write", tables, source, bos_id=1, eos_id=3, pad_id=2, max_len=9)
    tables = script(randint, 10, [2, None, 4, 1], 7, eos_id=3, pad_id=0)
    check.through("write", tables, source, bos_id=1, eos_id=3, pad_id=0, max_len=7)


@pytest.mark.points(0.5)
def test_writing_happens_in_evaluation_mode_and_the_mode_is_put_back(check, randint):
    source = randint(4, 11, 2, 5)
    for training in (True, False):
        tables = script(randint, 11, [2, 4], 6, eos_id=3, pad_id=1)
        check.through("write", tables, source, bos_id=2, eos_id=3, pad_id=1, max_len=6, training=training)


@pytest.mark.points(0.5)
def test_no_gradient_is_recorded_while_writing_and_afterwards_again(check, randint):
    tables = script(randint, 10, [2, 4, 3], 6, eos_id=3, pad_id=1)
    source = randint(4, 10, 3, 4)
    check.through("write", tables, source, bos_id=2, eos_id=3, pad_id=1, max_len=6, differentiable=True)


@pytest.mark.points(0.5)
@pytest.mark.hidden
def test_the_source_is_encoded_once_and_one_row_or_one_step_is_enough(check, randint):
    for ends, length, max_len, bos_id in [
        ([4, 2, 3], 4, 8, 2),
        ([2], 1, 5, 5),
        ([None, 0], 2, 1, 7),
        ([0, 0], 3, 4, 8),
    ]:
        tables = script(randint, 12, ends, max_len, eos_id=4, pad_id=3)
        source = randint(5, 12, len(ends), length)
        check.through("write", tables, source, bos_id=bos_id, eos_id=4, pad_id=3, max_len=max_len, counts=True)
