"""Comparison: one tolerance, one sentence for each kind of difference."""

import pytest
import torch

from tfm_quiz.grading.compare import array, difference, same
from tfm_quiz.grading.observation import Observation
from tfm_quiz.grading.sketch import matches, sketch
from tfm_quiz.wall.wire.tensors import to_wire, tree_to_wire


def observed(value, **fields) -> Observation:
    return Observation(value=tree_to_wire(value), **fields)


def compared(expected, got, floor=1.0):
    return difference(observed(expected), observed(expected), observed(got), floor)


@pytest.mark.parametrize(
    ("dtype", "inside", "outside"),
    [(torch.float32, 1e-5, 5e-5), (torch.float16, 1e-3, 5e-3), (torch.bfloat16, 1e-2, 5e-2)],
)
def test_the_tolerance_is_relative_to_the_largest_value_and_one_at_least(dtype, inside, outside):
    for scale in (1.0, 8.0):
        x = torch.tensor([scale, 0.0]).to(dtype)
        near, far = x.clone(), x.clone()
        near[1] += inside * scale
        far[1] += outside * scale
        assert compared(x, near) is None
        assert compared(x, far) is not None


def test_a_lower_floor_sees_small_values():
    x = torch.tensor([1e-4, 0.0])
    y = torch.tensor([1e-4, 1e-6])
    assert compared(x, y) is None
    assert compared(x, y, floor=1e-4) is not None


def test_python_floats_are_compared_relatively():
    assert compared(1e-7, 1e-7 * (1 + 1e-6)) is None
    assert compared(1e-7, 1.1e-7) is not None


def test_true_is_not_one_and_a_list_is_no_tuple():
    for expected, got in [(1, True), (True, 1), (1, 1.0), ([1], (1,)), ({"a": 1}, {"b": 1}), (None, 0)]:
        assert compared(expected, got) is not None


def test_infinities_and_nans_agree_with_themselves_only():
    x = torch.tensor([float("inf"), float("nan"), 1.0])
    assert compared(x, x.clone()) is None
    assert compared(x, torch.tensor([float("-inf"), float("nan"), 1.0])) is not None
    assert compared(x, torch.tensor([float("inf"), 0.0, 1.0])) is not None
    assert compared(torch.ones(3), torch.tensor([float("nan"), 1.0, 1.0])) is not None


def test_masks_and_integers_agree_exactly():
    assert compared(torch.tensor([1, 2]), torch.tensor([1, 3])) is not None
    assert compared(torch.tensor([True, False]), torch.tensor([True, True])) is not None


def test_the_place_inside_a_tuple_is_named():
    found = compared((torch.ones(2), torch.ones(2)), (torch.ones(2), torch.tensor([1.0, 2.0])))
    assert found is not None
    assert (found.where, found.index) == ("[1]", (1,))
    assert "in result[1]" in found.sentence


def test_exceptions_count_by_their_classes():
    refused = Observation(raised=("ValueError", "Exception"))
    assert difference(refused, refused, Observation(raised=("UnicodeError", "ValueError", "Exception"))) is None
    for wrong in (Observation(raised=("TypeError", "Exception")), observed(torch.ones(1))):
        assert difference(refused, refused, wrong) is not None


def test_a_gradient_of_zeros_is_as_good_as_none():
    zero, none = to_wire(torch.zeros(2)), None
    one = to_wire(torch.ones(2))
    right = Observation(value=one, arguments=(none, one), parameters={"w": zero})
    assert difference(right, right, Observation(value=one, arguments=(zero, one), parameters={"w": None})) is None
    for arguments in [(one, one), (none, None), (none, to_wire(torch.ones(3)))]:
        assert difference(right, right, Observation(value=one, arguments=arguments, parameters={"w": zero})) is not None
    assert difference(right, right, Observation(value=one)) is not None


def test_a_transposed_tensor_is_read_in_its_own_order():
    x = torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1)
    assert array(to_wire(x)).tolist() == x.tolist()
    b = torch.tensor([1.5, -2.0, 3.25], dtype=torch.bfloat16)
    assert array(to_wire(b)).tolist() == b.tolist()


def test_a_fingerprint_knows_its_own_answer_and_no_other():
    x = torch.randn(3, 4)
    answers = [
        observed(x),
        observed(x.T.contiguous().reshape(3, 4)),
        observed(x + 0.01),
        observed(x.flip(0)),
        observed(x.double()),
        observed((x,)),
        observed([x]),
        observed(x, changed=("first argument",)),
        Observation(raised=("ValueError",)),
    ]
    for i, one in enumerate(answers):
        for j, other in enumerate(answers):
            assert matches(one, sketch(other), 1.0) == (i == j)
            assert same(one, other) == (i == j)
    assert matches(observed(x + 1e-7), sketch(observed(x)), 1.0)
