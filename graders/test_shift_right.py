"""shift_right(tokens (B, T), bos_id) -> (B, T)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("shift_right")


def _tokens(randint, batch, length, **dtype):
    """Neighbours differ along both axes, and none is 0 or a BOS of the tests (1 and 3)."""
    step = torch.arange(batch)[:, None] + 2 * torch.arange(length)[None, :]
    return 5 + (randint(0, 7, 1, 1, **dtype) + step.to(**dtype)) % 7


@pytest.mark.points(1)
def test_bos_comes_first_and_every_token_one_place_later(check, randint):
    check(_tokens(randint, 3, 5), 1)
    check(_tokens(randint, 2, 4), 3)


@pytest.mark.points(1)
def test_the_dtype_of_the_tokens_is_kept(check, randint):
    for dtype in (torch.int32, torch.int16):
        check(_tokens(randint, 2, 5, dtype=dtype), 1)


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.needs("test_bos_comes_first_and_every_token_one_place_later")
def test_one_token_one_sample_padding_and_any_bos_are_fine(check, randint):
    check(torch.tensor([[7], [8]]), 1)
    check(torch.tensor([[4]]), 4)
    check(torch.tensor([[6, 0, 0, 5, 0]]), 9)
    check(randint(0, 9, 4, 6), 0)
    check(randint(0, 9, 5, 3).T, -1)
    check.fresh(_tokens(randint, 2, 3), 2)
