"""dependency_matrix(f, length, d) -> bool (T, T)"""

import pytest
import torch

pytestmark = pytest.mark.exercise("dependency_matrix")


def pattern(randn, randbool, length, p=0.45):
    """Weights away from 0 where output i depends on input j: as many above the diagonal as below, some rows mixed."""
    weights = randn(length, length)
    weights = weights.sign() * (weights.abs() + 0.5)
    depends = randbool(length, length, p=p)
    depends[0, -1], depends[-1, 0] = True, False
    depends[1, 0], depends[0, 1] = True, False
    return weights * depends


@pytest.mark.points(1)
def test_entry_i_j_says_whether_output_i_depends_on_input_j(check, randn, randbool):
    for length, d in [(5, 3), (7, 4)]:
        check.through("depend", "plain", pattern(randn, randbool, length), randn(d, 4))
    check.through("recur", 4, randn(3, 5), randn(5, 5))


@pytest.mark.points(1)
def test_features_that_cancel_each_other_do_not_hide_a_dependency(check, randn, randbool):
    for kind in ("opposites", "circle", "difference"):
        check.through("depend", kind, pattern(randn, randbool, 5), randn(3, 4))


@pytest.mark.points(1)
def test_every_feature_counts_and_every_derivative_however_small(check, randn, randbool):
    for kind in ("last_output", "last_input", "faint", "squares"):
        check.through("depend", kind, pattern(randn, randbool, 6), randn(3, 4))


@pytest.mark.points(1)
@pytest.mark.hidden
def test_an_ignored_input_is_no_dependency_and_stored_gradients_are_left_alone(check, randn, randbool):
    for kind in ("plain", "constant", "detached"):
        check.through("depend_quietly", kind, pattern(randn, randbool, 4), randn(2, 4))
    check.through("depend", "plain", torch.zeros(3, 3), randn(2, 4))
    check.through("depend", "plain", torch.ones(1, 1), randn(2, 4))
