"""The labs: their data is what they say, and their judges believe nothing but what the right model does."""

import importlib
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from tfm_quiz.course import Course
from tfm_quiz.grading.attempt import Attempt
from tfm_quiz.grading.call_limits import CallLimits
from tfm_quiz.grading.current import CurrentTest
from tfm_quiz.grading.lab import PIECES, Train
from tfm_quiz.grading.patch import definition_of
from tfm_quiz.grading.patch_file import read_patches
from tfm_quiz.grading.remote import open_side
from tfm_quiz.sparkline import mean
from tfm_quiz.wall.host.workers import Workers
from tfm_quiz.wall.lockdown import Limits
from tfm_quiz.wall.wire.frames import Name

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def load():
    """`load("graders.labs")` is that module of the course."""
    sys.path.insert(0, str(ROOT))
    yield importlib.import_module
    sys.path.remove(str(ROOT))


@pytest.fixture(scope="module")
def wrong(course: Course, load):
    """`wrong("shift_right", "identity")` is that known mistake."""

    def patched(name: str, mistake: str):
        exercise = course.exercise(name)
        (patch,) = (one for one in read_patches(course.patches_path(name), name) if one.id == mistake)
        return definition_of(course, exercise).function(vars(load(f"solutions.{exercise.module}")), patch)

    return patched


@pytest.fixture(scope="module")
def labs(load):
    return load("graders.labs")


@pytest.fixture(scope="module")
def models(load):
    return load("solutions.models")


def test_a_sentence_is_labelled_by_whether_its_first_token_occurs_again(labs):
    tokens, labels = labs.occurrences(500, labs.generator(3))
    for row, label in zip(tokens.tolist(), labels.tolist(), strict=True):
        words = [token for token in row if token != labs.PAD]
        assert row[: len(words)] == words
        assert 3 <= len(words) <= 8
        assert label == (words[0] in words[1:])
    assert 0.4 < labels.double().mean() < 0.6


def test_the_text_has_21_symbols_and_its_windows_are_pieces_of_it(labs):
    assert (len(labs.TEXT), len(labs.SYMBOLS)) == (246, 21)
    windows = labs.text_batches(3)
    assert windows.min() >= 1
    for window in windows[0].tolist():
        assert "".join(labs.SYMBOLS[token - 1] for token in window) in labs.TEXT


def test_a_model_that_knows_the_text_by_heart_has_the_full_score_and_a_stutterer_none(labs):
    ids = labs.text_ids().tolist()

    def knows(tokens):
        logits = torch.zeros(*tokens.shape, len(labs.SYMBOLS) + 1)
        for row, read in enumerate(tokens.tolist()):
            place = next(i for i in range(len(ids)) if ids[i : i + len(read)] == read)
            logits[row, -1, ids[place + len(read)]] = 1.0
        return logits

    def stutters(tokens):
        return torch.nn.functional.one_hot(tokens, len(labs.SYMBOLS) + 1).double()

    assert labs.text_score(knows, 5) == 1.0
    assert labs.text_score(stutters, 5) < 0.05


def test_a_reversal_counts_only_if_it_is_whole_and_ended(labs):
    def writes(make):
        return lambda model, sources, bos_id, eos_id, max_len: make(sources, torch.full((len(sources), 1), eos_id))

    assert labs.reversal_exact(None, writes(lambda source, eos: torch.cat([source.flip(1), eos], dim=1)), 1) == 1.0
    assert labs.reversal_exact(None, writes(lambda source, eos: source.flip(1)), 1) == 0.0
    assert labs.reversal_exact(None, writes(lambda source, eos: torch.cat([source, eos], dim=1)), 1) < 0.05


def test_an_untrained_model_does_not_pass_any_lab(labs, models, load):
    torch.manual_seed(0)
    encoder = models.EncoderTransformer(**labs.OCCURRENCE_SIZES).eval()
    decoder = models.DecoderTransformer(**labs.TEXT_SIZES).eval()
    both = models.Transformer(**labs.REVERSAL_SIZES).eval()
    assert labs.occurrence_accuracy(encoder, 1) < 0.65
    assert labs.text_score(decoder, 1) < 0.3
    assert labs.reversal_exact(both, load("solutions.training").greedy_decode, 1) < 0.05


def test_prefixes_agree_only_under_a_causal_mask(labs, models, wrong):
    sources, targets = labs.reversals(4, labs.generator(1))
    for model_class, expected in [(models.Transformer, True), (wrong("transformer", "causal_dropped"), False)]:
        model = model_class(**labs.REVERSAL_SIZES).eval()
        with torch.no_grad():
            memory = model.encode(sources)
            prefixes = [model.decode(targets[:, :end], memory, sources) for end in range(1, 8)]
        assert labs.prefixes_agree(prefixes[-1], prefixes) is expected


@pytest.mark.parametrize("prefixes", [None, [], "no", [torch.zeros(1)] * 7, [torch.full((4, 7, 11), float("nan"))] * 7])
def test_prefixes_that_are_something_else_do_not_agree(labs, prefixes):
    assert not labs.prefixes_agree(torch.zeros(4, 7, 11), prefixes)
    assert not labs.prefixes_agree(prefixes, prefixes)


def test_only_the_target_behind_bos_starts_with_bos(labs, load, wrong):
    masks = load("solutions.masks")
    _, targets = labs.reversals(4, labs.generator(2))
    assert labs.starts_with_bos(masks.shift_right(targets, labs.BOS), targets)
    for name in ("roll_wraps", "roll_flattened", "identity", "first_overwritten", "shift_by_two"):
        assert not labs.starts_with_bos(wrong("shift_right", name)(targets, labs.BOS), targets)
    assert not labs.starts_with_bos([1, 2], targets)


def test_weights_of_another_shape_or_no_weights_are_refused(labs, models):
    make, sizes = models.EncoderTransformer, labs.OCCURRENCE_SIZES
    state = make(**sizes).state_dict()
    assert isinstance(labs.load(make, sizes, state), make)
    for wrong in (
        None,
        {},
        {"head.bias": 1.0},
        {**state, "head.bias": torch.zeros(3)},
        {**state, "more": torch.ones(1)},
    ):
        with pytest.raises(AssertionError):
            labs.load(make, sizes, wrong)


def test_the_second_seed_is_tried_only_when_the_first_misses_the_mark(labs):
    for scores, best, tries in [((0.95, 0.1), 0.95, 1), ((0.2, 0.93), 0.93, 2), ((0.5, 0.4), 0.5, 2)]:
        tried = []

        def score(seed, scores=scores, tried=tried):
            tried.append(seed)
            return scores[len(tried) - 1]

        assert labs.best_score(score, 0.9) == best
        assert tried == list(labs.SEEDS[:tries])


@pytest.mark.slow
def test_a_class_that_looks_ahead_learns_the_text_with_a_small_loss_and_cannot_write_it(labs, models, load, wrong):
    staged = load("graders.staged.decoder_transformer")
    scores = []
    for model_class in (models.DecoderTransformer, wrong("decoder_transformer", "no_causal")):
        *losses, state = staged.train(model_class, labs.TEXT_SIZES, labs.text_batches(1), labs.TEXT_RATE, 1)
        assert torch.stack(losses[-20:]).mean() < 1.0 < losses[0]
        scores.append(labs.text_score(labs.load(models.DecoderTransformer, labs.TEXT_SIZES, state), 1))
    assert scores[0] >= labs.TEXT_MARK > scores[1]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", ["encoder_transformer", "decoder_transformer", "transformer"])
def test_trained_in_pieces_behind_the_wall_a_model_learns_the_same_bit_for_bit(
    labs, models, load, course: Course, workers: Workers, name, seed
):
    sizes, data, local = {
        "encoder_transformer": (labs.OCCURRENCE_SIZES, (*labs.occurrence_batches(seed), labs.OCCURRENCE_RATE), {}),
        "decoder_transformer": (labs.TEXT_SIZES, (labs.text_batches(seed), labs.TEXT_RATE), {}),
        "transformer": (
            labs.REVERSAL_SIZES,
            (*labs.reversal_batches(seed), labs.BOS, labs.REVERSAL_RATE),
            {"masks": "solutions.masks"},
        ),
    }[name]
    model = course.exercise(name).name
    *losses, whole = load(f"graders.staged.{name}").train(getattr(models, model), sizes, *data, seed, **local)
    sources = {module: course.solution_path(module).read_text("utf-8") for module in course.modules}
    staged = course.staged_path(name).read_text("utf-8")
    side = open_side(
        workers, Name("models", model), sources, staged, Limits(cpu_seconds=120, memory_mb=512), CallLimits(60)
    )
    with side.worker:
        current = CurrentTest(course.exercise(name), side, Attempt([], side), {}, lambda test: torch.Generator())
        learned = Train(current)(len(losses), sizes, *data, seed)
    assert current.losses == [mean([loss.item() for loss in part]) for part in parts(losses)]
    weights, same = (whole, learned) if isinstance(whole, dict) else (whole[0], learned[0])
    assert weights.keys() == same.keys()
    assert all(torch.equal(weights[key], same[key]) for key in weights)


def parts(losses: list[torch.Tensor]) -> list[list[torch.Tensor]]:
    ends = [len(losses) * number // PIECES for number in range(PIECES + 1)]
    return [losses[start:end] for start, end in pairwise(ends)]
