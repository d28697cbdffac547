"""add_and_norm(x, sublayer, norm, dropout, pre_norm=False) -> same shape as x"""

import pytest
import torch

pytestmark = pytest.mark.exercise("add_and_norm")


def parts(randn, randbool, b, t, d, dtype=torch.float32):
    """What graders/staged/add_and_norm.py needs to make the three callables."""
    return {
        "x": randn(b, t, d, scale=1.5, dtype=dtype),
        "mixing": randn(t, t, dtype=dtype),
        "weight": randn(d, d, scale=0.5, dtype=dtype),
        "gain": randn(d, shift=1.0, dtype=dtype),
        "keep": 1.25 * randbool(b, t, d, p=0.8).to(dtype),
        "steps": randn(3, 4, d, scale=2.0, dtype=dtype),
    }


@pytest.mark.points(1)
def test_post_norm_adds_what_dropout_left_of_the_sublayer_and_normalises_the_sum(check, randn, randbool):
    check.through("wrapped", **parts(randn, randbool, 2, 3, 4))
    check.through("wrapped", **parts(randn, randbool, 2, 4, 3), pre_norm=False)


@pytest.mark.points(1)
def test_pre_norm_normalises_only_what_enters_the_sublayer(check, randn, randbool):
    check.through("wrapped", **parts(randn, randbool, 2, 3, 4), pre_norm=True)


@pytest.mark.points(0.5)
@pytest.mark.hidden
def test_a_sublayer_that_answers_zero_leaves_the_norm_of_x_or_in_pre_norm_x_itself(check, randn):
    check.through("with_silent_sublayer", randn(3, 5, 6, shift=2.0), randn(6))
    check.through("with_silent_sublayer", randn(2, 5, 7, shift=2.0), randn(7), pre_norm=True)
    check.through("with_silent_sublayer", randn(4), randn(4), pre_norm=True)


@pytest.mark.points(0.25)
@pytest.mark.hidden
def test_x_stays_as_it_is_also_where_a_callable_hands_it_back_itself(check, randn):
    for pre_norm in (False, True):
        check.through("with_identities", randn(2, 3, 4), pre_norm=pre_norm)


@pytest.mark.points(0.25)
@pytest.mark.hidden
@pytest.mark.needs(
    "test_post_norm_adds_what_dropout_left_of_the_sublayer_and_normalises_the_sum",
    "test_pre_norm_normalises_only_what_enters_the_sublayer",
)
def test_gradients_reach_everything_and_the_dtype_is_kept(check, randn, randbool):
    for pre_norm in (False, True):
        check.through("gradients", randn(3, 4, 6), **parts(randn, randbool, 3, 4, 6), pre_norm=pre_norm)
        check.through("wrapped", **parts(randn, randbool, 1, 1, 5, dtype=torch.float64), pre_norm=pre_norm)
