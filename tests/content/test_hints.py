"""A hint that proposes an experiment must tell wrong code from right: a right answer must not satisfy it.

Each experiment is run on the mistake, which shows the symptom, and on the reference, which does not. The words of the
hint stand beside it: who changes a hint changes its experiment.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tfm_quiz.grading.content import Content
from tfm_quiz.manifest import load_course

COURSE = load_course(Path(__file__).parents[2])


@pytest.fixture(scope="module")
def content() -> Iterator[Content]:
    """The course's own code."""
    loaded = Content(COURSE)
    yield loaded
    loaded.forget()


def _network(feed_forward: Any) -> Any:
    torch.manual_seed(0)
    return feed_forward(6, 9)


def just_negated(feed_forward: Any) -> bool:
    network, x = _network(feed_forward), torch.randn(2, 3, 6)
    for linear in (network.fc1, network.fc2):
        torch.nn.init.zeros_(linear.bias)
    return torch.allclose(network(-x), -network(x), atol=1e-6)


def never_negative(feed_forward: Any) -> bool:
    return bool((_network(feed_forward)(torch.randn(8, 8, 6)) >= 0).all())


def another_output_in_training(feed_forward: Any) -> bool:
    network, x = _network(feed_forward).train(), torch.randn(8, 8, 6)
    return not torch.equal(network(x), network(x))


def other_weights_in_training(attention: Any) -> bool:
    torch.manual_seed(0)
    layer, x = attention(6, 2).train(), torch.randn(8, 8, 6)
    return not torch.equal(layer(x, x, x), layer(x, x, x))


def rows_do_not_sum_to_one(masked_softmax: Any) -> bool:
    return not torch.allclose(masked_softmax(torch.randn(2, 3, 4)).sum(dim=-1), torch.ones(2, 3))


def the_same_without_a_mask(masked_softmax: Any) -> bool:
    scores, mask = torch.randn(2, 3, 3), torch.ones(1, 3, 3, dtype=torch.bool).tril()
    return torch.equal(masked_softmax(scores, mask), masked_softmax(scores))


def other_samples_change(masked_softmax: Any) -> bool:
    scores = torch.randn(2, 3, 4)
    changed = scores.clone()
    changed[0] += torch.randn(3, 4)
    return not torch.equal(masked_softmax(scores)[1], masked_softmax(changed)[1])


def hidden_key_takes_the_rest(masked_softmax: Any) -> bool:
    scores, mask = torch.tensor([[0.0, 1.0, 1000.0]]), torch.tensor([[True, True, False]])
    return masked_softmax(scores, mask).sum().item() < 0.5


def scores_changed(masked_softmax: Any) -> bool:
    scores, mask = torch.randn(2, 3), torch.tensor([[True, True, False]])
    before = scores.clone()
    masked_softmax(scores, mask)
    return not torch.equal(scores, before)


def lies_elsewhere(causal_mask: Any) -> bool:
    return causal_mask(3, device="meta").device.type != "meta"


def x_changed_by_identities(add_and_norm: Any) -> bool:
    x = torch.ones(2, 3, 4)
    add_and_norm(x, *[lambda y: y] * 3)
    return not torch.equal(x, torch.ones(2, 3, 4))


def output_moves_with_the_mean(layer_norm: Any) -> bool:
    x, weight, bias = torch.randn(2, 3, 6), torch.randn(6), torch.randn(6)
    return not torch.allclose(layer_norm(x, weight, bias), layer_norm(x + 5, weight, bias), atol=1e-4)


def answer_moves_with_padding(encoder_transformer: Any) -> bool:
    torch.manual_seed(0)
    reader = encoder_transformer(20, 3, 8, 2, 2, 8, 12).eval()
    one, padded = (reader(torch.tensor([row])) for row in ([4, 8, 15], [4, 8, 15, 0, 0]))
    return not torch.allclose(one, padded, atol=1e-5)


EXPERIMENTS: dict[tuple[str, str], tuple[str, Callable[[Any], bool]]] = {
    ("feed_forward", "no_relu"): ("negate x", just_negated),
    ("feed_forward", "relu_last"): ("ever negative", never_negative),
    ("feed_forward", "relu_both"): ("ever negative", never_negative),
    ("feed_forward", "dropout_in_training"): ("call it twice in train()", another_output_in_training),
    ("feed_forward", "output_dropped_in_training"): ("call it twice in train()", another_output_in_training),
    ("multi_head_attention", "weights_dropped_in_training"): ("call it twice in train()", other_weights_in_training),
    ("masked_softmax", "softmax_over_queries"): ("sum your weights along the last axis", rows_do_not_sum_to_one),
    ("masked_softmax", "not_normalised"): ("add up a row", rows_do_not_sum_to_one),
    ("masked_softmax", "mask_ignored"): ("call it twice, with a mask and without", the_same_without_a_mask),
    ("masked_softmax", "softmax_over_batch"): ("change one sample of the batch", other_samples_change),
    ("masked_softmax", "renormalised_after_softmax"): ("a score of 1000", hidden_key_takes_the_rest),
    ("masked_softmax", "changes_scores_in_place"): ("before the call and after it", scores_changed),
    ("causal_mask", "device_ignored"): ('causal_mask(3, device="meta")', lies_elsewhere),
    ("add_and_norm", "adds_into_what_came_back"): ("functions that return their argument", x_changed_by_identities),
    ("layer_norm", "mean_not_removed"): ("add 5 to every feature", output_moves_with_the_mean),
    ("layer_norm", "square_not_centred"): ("add 5 to every feature", output_moves_with_the_mean),
    ("encoder_transformer", "pools_padding"): ("append padding to a sequence", answer_moves_with_padding),
    ("encoder_transformer", "divides_by_length"): ("append padding to a sequence", answer_moves_with_padding),
}


@pytest.mark.parametrize(("exercise", "mistake"), EXPERIMENTS)
def test_the_experiment_of_a_hint_shows_the_mistake_and_not_the_reference(content, exercise, mistake):
    words, shows = EXPERIMENTS[exercise, mistake]
    found = content.misconceptions(COURSE.exercise(exercise))
    assert words in found[mistake].hint.casefold(), "the hint says something else now: write its experiment anew"
    assert shows(found[mistake].target), "the mistake does not show"
    assert not shows(content.reference(COURSE.exercise(exercise))), "a right answer satisfies the hint, too"
