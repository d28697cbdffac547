"""PositionalEncoding(d_model, max_len, dropout=0.0): x (B, T, d_model), offset=0 -> (B, T, d_model)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("positional_encoding_module")


@pytest.mark.points(0.75)
def test_every_position_gets_its_own_row_of_the_table(check, randn):
    built = check.build(6, 9)
    built(randn(1, 4, 6), offset=3)
    built(randn(2, 5, 6))
    built(randn(3, 9, 6))


@pytest.mark.points(0.25)
def test_positions_past_the_end_of_the_table_are_refused(check, randn):
    built = check.build(4, 8)
    built(randn(2, 10, 4))
    built(randn(2, 3, 4), 6)
    built(randn(2, 3, 4), 7)
    built(randn(2, 3, 4), 5)  # this one just fits


@pytest.mark.points(0.25)
def test_dropout_acts_on_the_sum_and_in_training_only(check, reference):
    x = 4 - reference.positional_encoding(25, 10).expand(8, 25, 10)  # x plus its positions is 4 everywhere
    for training in (True, False):
        check.through("values_under_dropout", 30, 0.2, x.clone(), training)


@pytest.mark.points(0.25)
def test_gradients_reach_x(check, randn):
    check.build(6, 7).gradients(randn(2, 5, 6), offset=1)


@pytest.mark.points(0.25)
def test_the_result_has_the_dtype_of_x(check, randn):
    check.build(6, 7)(randn(2, 3, 6, dtype=torch.float16))
    check.build(5, 8)(randn(3, 2, 5, dtype=torch.float64), 2)


@pytest.mark.points(0.25)
@pytest.mark.hidden
@pytest.mark.needs("test_every_position_gets_its_own_row_of_the_table")
def test_other_sizes_and_one_token_alone_are_fine(check, randn):
    built = check.build(5, 40)
    built(randn(4, 4, 5), offset=30)
    built(randn(1, 1, 5), offset=39)
    built(randn(2, 5, 7).transpose(1, 2))
    built.gradients(randn(2, 3, 5))
