"""TokenEmbedding(vocab_size, d_model): tokens (B, T) -> (B, T, d_model)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("token_embedding")


@pytest.mark.points(1)
def test_every_token_becomes_its_row_of_the_table_times_the_root_of_d_model(check, randint):
    for vocab_size, d_model, b, t in [(11, 6, 2, 5), (7, 12, 3, 4)]:
        built = check.build(vocab_size, d_model)
        built(randint(0, vocab_size, b, t))
        built(randint(0, vocab_size, b, t))


@pytest.mark.points(0.5)
def test_the_outputs_of_a_new_module_have_unit_variance(check):
    check.through("size_of_outputs", 1000, 64, torch.arange(1000).view(10, 100))
    check.through("size_of_outputs", 900, 36, torch.arange(900).view(9, 100))


@pytest.mark.points(0.5)
def test_gradients_reach_the_table(check, randint):
    check.build(9, 8).gradients(randint(0, 9, 2, 5))


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_every_token_becomes_its_row_of_the_table_times_the_root_of_d_model")
def test_one_token_alone_and_any_order_are_fine(check, randint):
    built = check.build(13, 10)
    built(randint(0, 13, 1, 1))
    built(torch.tensor([[0, 12, 0], [12, 5, 5]]))


@pytest.mark.points(0.5)
@pytest.mark.hidden
@pytest.mark.needs("test_every_token_becomes_its_row_of_the_table_times_the_root_of_d_model")
def test_the_result_has_the_dtype_of_the_table(check, randint, randn):
    for dtype in (torch.float64, torch.float16):
        check.through("with_table", randn(7, 4, dtype=dtype), randint(0, 7, 2, 3))
