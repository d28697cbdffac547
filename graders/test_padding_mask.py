"""padding_mask(tokens (B, K), pad_id) -> bool (B, 1, K)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("padding_mask")


@pytest.mark.points(1)
def test_every_token_may_be_attended_to_and_no_padding(check, randint):
    tokens = randint(3, 9, 3, 5)
    tokens[0, 3:] = 2
    tokens[1, :2] = torch.tensor([0, 1])
    tokens[2, 1] = 2
    check(tokens, 2)
    tokens = randint(6, 9, 2, 4)
    tokens[0, :3] = 5  # padding on the left
    tokens[1, 1] = 0
    check(tokens, 5)


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.needs("test_every_token_may_be_attended_to_and_no_padding")
def test_any_pad_id_and_dtype_one_token_alone_and_no_padding_are_fine(check, randint):
    tokens = randint(1, 9, 2, 6)
    check(tokens, 0)  # there is none
    tokens[0, 4:] = 0
    check(tokens, 0)
    tokens = randint(-3, 4, 4, 7, dtype=torch.int32)
    tokens[1, 2:] = -100
    check(tokens, -100)
    check.fresh(randint(0, 4, 3, 4, dtype=torch.int16), 3)
    check(torch.tensor([[7]]), 7)
    check(torch.tensor([[7]]), 4)
    check(randint(0, 4, 5, 3, dtype=torch.uint8).T, 1)
