"""double(x) -> 2x"""

import pytest
import torch

pytestmark = pytest.mark.exercise("double")


@pytest.mark.points(1)
def test_every_entry_is_twice_as_large(check, randn):
    for shape in [(2, 3), (4,), (1, 5, 2)]:
        check(randn(*shape))


@pytest.mark.points(1)
@pytest.mark.hidden
@pytest.mark.needs("test_every_entry_is_twice_as_large")
def test_gradients_flow_and_the_dtype_is_kept(check, randn):
    check.gradients(randn(3, 2))
    check(randn(2, 2, dtype=torch.float64))
