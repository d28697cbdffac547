"""decoder_mask(tokens (B, T), pad_id) -> bool (B, T, T)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("decoder_mask")


@pytest.mark.points(1)
def test_a_key_must_be_a_token_and_not_in_the_future(check, randint):
    tokens = randint(3, 9, 3, 5)
    tokens[0, 3:] = 2
    tokens[1, :2] = 2  # on the left: two rows without any key
    tokens[2, 1] = 0
    check(tokens, 2)
    tokens = randint(0, 4, 2, 4)
    tokens[0, 2] = 4
    check(tokens, 4)


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.needs("test_a_key_must_be_a_token_and_not_in_the_future")
def test_left_padding_padding_alone_one_token_and_no_padding_are_fine(check, randint):
    tokens = randint(6, 9, 4, 6)
    tokens[0, :4] = 5
    tokens[1] = 5
    tokens[2, 1::2] = 5
    check(tokens, 5)
    check(randint(1, 9, 2, 7), 0)  # there is none
    tokens = randint(-9, -3, 2, 3, dtype=torch.int32)
    tokens[1, 2] = -1
    check(tokens, -1)
    check(torch.tensor([[3]]), 3)
    check(torch.tensor([[3]]), 1)
    check.fresh(randint(0, 3, 2, 5), 1)
