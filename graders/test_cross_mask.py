"""cross_mask(source (B, S), target (B, T), pad_id) -> bool (B, T, S)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("cross_mask")


def _ragged(randint, pad_id, length, *real):
    """Tokens from 3 on, and two 0, with padding after the first `real` tokens of each row."""
    tokens = randint(3, 9, len(real), length)
    tokens[0, 1] = tokens[-1, 0] = 0
    for row, count in enumerate(real):
        tokens[row, count:] = pad_id
    return tokens


@pytest.mark.points(2)
def test_every_target_position_may_look_at_every_source_token_that_is_not_padding(check, randint):
    check(_ragged(randint, 2, 7, 4, 7, 5), _ragged(randint, 2, 4, 3, 2, 4), 2)
    check(_ragged(randint, 2, 5, 5, 3), _ragged(randint, 2, 5, 2, 4), 2)


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.needs("test_every_target_position_may_look_at_every_source_token_that_is_not_padding")
def test_left_padding_padding_alone_one_token_and_no_padding_are_fine(check, randint):
    source = randint(6, 9, 3, 4)
    source[0, :2] = 5
    source[1] = 5
    check(source, randint(4, 7, 3, 6), 5)
    check(randint(1, 9, 2, 3), randint(0, 3, 2, 5), 0)
    check(randint(1, 3, 4, 6, dtype=torch.int32), randint(1, 3, 4, 2, dtype=torch.int16), 1)
    check(torch.tensor([[9, 4]]), torch.tensor([[9]]), 9)
    check(torch.tensor([[1]]), torch.tensor([[1, 9, 9]]), 9)
    check.fresh(randint(0, 4, 2, 5), randint(0, 4, 2, 3), 2)
