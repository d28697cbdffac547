"""Train every lab, right and wrong, over many seeds, and print the table of docs/labs.md.

    OMP_NUM_THREADS=1 python benchmarks/labs.py [--seeds 20] [--lab A] > docs/labs.md

Seeds are 1, 2, 3, ...; a lab itself uses 1, and 2 for its second try. Each wrong model is the right one with one part
replaced, and trains with that part; what it has learned is judged as in the lab, by the right model. Rows are printed
as they are finished. Exit code 1 if a right run fails (both of a lab's tries, for any two seeds in a row), or if a
wrong model that nothing else stops reaches the mark.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))

import torch
from torch import Tensor, nn

from graders import labs
from graders.staged import decoder_transformer as staged_b
from graders.staged import encoder_transformer as staged_a
from graders.staged import transformer as staged_c
from solutions import attention, layers, masks, models, training
from tfm_quiz.grading.patch import definition_of
from tfm_quiz.grading.patch_file import read_patches
from tfm_quiz.manifest import load_course

FRESH = 4711  # the seed of what is judged
COURSE = load_course(Path(__file__).parents[1])


@dataclass(frozen=True)
class Run:
    """What came of one training: the lab's score, the last loss, the CPU time, and whether an exact check failed."""

    score: float
    loss: float
    seconds: float
    exact: str = ""


@dataclass(frozen=True)
class Lab:
    """One of the three: how to train a model class, how to judge it, and inputs that show how it is wired."""

    letter: str
    title: str
    mark: float
    model: type[nn.Module]
    sizes: dict[str, Any]
    train: Callable[[type[nn.Module], int], tuple[Any, ...]]
    score: Callable[[nn.Module], float]
    probe: tuple[Tensor, ...]


@dataclass(frozen=True)
class Wrong:
    """A wrong model: another class, or the right one with parts (module, name, replacement) replaced."""

    lab: str
    name: str
    model: type[nn.Module] | None = None
    parts: tuple[tuple[Any, str, Any], ...] = ()


def main() -> int:
    """Train, print, compare with the marks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--lab", choices=["A", "B", "C"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(HEAD.format(seeds=options.seeds, torch=torch.__version__.partition("+")[0]))
    bad = False
    for lab in LABS:
        if options.lab in (None, lab.letter):
            print(f"\n## Lab {lab.letter}: {lab.title}\n\nMark: {lab.mark:.2f}.\n\n{COLUMNS}", flush=True)
            bad |= not _right(lab, options.seeds)
            for wrong in WRONG:
                if wrong.lab == lab.letter:
                    bad |= not _wrong(lab, wrong, options.seeds)
    return int(bad)


def _right(lab: Lab, seeds: int) -> bool:
    runs = [_run(lab, lab.model, seed) for seed in range(1, seeds + 1)]
    _row("**right**", runs, lab.mark, "")
    passed = [run.score >= lab.mark for run in runs]
    return all(first or second for first, second in pairwise(passed)) and passed[0]


def _wrong(lab: Lab, wrong: Wrong, seeds: int) -> bool:
    model = wrong.model or lab.model
    with _replaced(wrong):
        answer = _answer(lab, model)
    stopped = "" if _is_right(lab, answer) else "wiring check"
    runs = []
    for seed in range(1, seeds + 1):
        try:
            with _replaced(wrong):
                trained = _train(lab, model, seed)
        except RuntimeError:
            _print(wrong.name, "", "cannot train: RuntimeError", "", "", "", "", "itself")
            return True
        runs.append(_judge(lab, *trained))
    if not stopped and all(run.exact for run in runs):
        stopped = runs[0].exact
    _row(wrong.name, runs, lab.mark, stopped or "the mark alone")
    return bool(stopped) or all(run.score < lab.mark for run in runs)


def _row(name: str, runs: list[Run], mark: float, stopped: str) -> None:
    scores = sorted(run.score for run in runs)
    spread = (f"{value:.3f}" for value in (scores[0], statistics.median(scores), scores[-1]))
    reached = sum(score >= mark for score in scores)
    loss = statistics.median(run.loss for run in runs)
    seconds = statistics.median(run.seconds for run in runs)
    _print(name, f"{loss:.4f}", *spread, f"{reached} of {len(runs)}", f"{seconds:.1f}", stopped)


def _print(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def _run(lab: Lab, model: type[nn.Module], seed: int) -> Run:
    return _judge(lab, *_train(lab, model, seed))


def _train(lab: Lab, model: type[nn.Module], seed: int) -> tuple[tuple[Any, ...], float]:
    started = time.process_time()
    return lab.train(model, seed), time.process_time() - started


def _judge(lab: Lab, learned: tuple[Any, ...], seconds: float) -> Run:
    state, losses, *rest = learned
    try:
        score = lab.score(labs.load(lab.model, lab.sizes, state))
    except AssertionError:
        score = 0.0
    exact = ""
    if rest:
        (targets, fed, whole, prefixes) = rest
        if not labs.starts_with_bos(fed, targets[-1]):
            exact = "exact check: what the decoder is fed"
        elif not labs.prefixes_agree(whole, prefixes):
            exact = "exact check: prefixes"
    return Run(score, losses[-20:].mean().item(), seconds, exact)


@contextmanager
def _replaced(wrong: Wrong) -> Generator[None]:
    with ExitStack() as stack:
        for module, name, replacement in wrong.parts:
            stack.enter_context(mock.patch.object(module, name, replacement))
        yield


@dataclass(frozen=True)
class Answer:
    """What the wiring checks see of a model: its parameters, how its table starts, its logits for some weights."""

    parameters: int
    scale: int
    state: dict[str, Tensor]
    logits: Tensor


def _answer(lab: Lab, model: type[nn.Module]) -> Answer:
    torch.manual_seed(FRESH)
    built = model(**lab.sizes).eval()
    table = built.get_parameter("token_embedding.embedding.weight")
    scale = round(table.std().item() * table.shape[1] ** 0.5)
    built.load_state_dict(
        {name: weight + 0.3 * torch.randn_like(weight) for name, weight in built.state_dict().items()}
    )
    with torch.no_grad():
        return Answer(sum(p.numel() for p in built.parameters()), scale, built.state_dict(), built(*lab.probe))


def _is_right(lab: Lab, answer: Answer) -> bool:
    """Whether the wiring checks of the model would let this pass."""
    try:
        right = labs.load(lab.model, lab.sizes, answer.state)
    except AssertionError:
        return False
    logits = right(*lab.probe)
    same = logits.shape == answer.logits.shape and torch.allclose(logits, answer.logits, atol=1e-3)
    return same and answer.scale == 1 and answer.parameters == sum(p.numel() for p in right.parameters())


def _train_a(model: type[nn.Module], seed: int) -> tuple[Any, ...]:
    *losses, state = staged_a.train(model, lab_a.sizes, *labs.occurrence_batches(seed), labs.OCCURRENCE_RATE, seed)
    return state, torch.stack(losses)


def _train_b(model: type[nn.Module], seed: int) -> tuple[Any, ...]:
    *losses, state = staged_b.train(model, lab_b.sizes, labs.text_batches(seed), labs.TEXT_RATE, seed)
    return state, torch.stack(losses)


def _train_c(model: type[nn.Module], seed: int) -> tuple[Any, ...]:
    sources, targets = labs.reversal_batches(seed)
    data = (sources, targets, labs.BOS, labs.REVERSAL_RATE, seed)
    *losses, (state, *rest) = staged_c.train(model, lab_c.sizes, *data, masks="solutions.masks")
    return state, torch.stack(losses), targets, *rest


lab_a = Lab(
    letter="A",
    title="an encoder tells whether the first token occurs again (accuracy on 1000 fresh sentences)",
    mark=labs.OCCURRENCE_MARK,
    model=models.EncoderTransformer,
    sizes=labs.OCCURRENCE_SIZES,
    train=_train_a,
    score=lambda model: labs.occurrence_accuracy(model, FRESH),
    probe=labs.occurrences(40, labs.generator(FRESH))[:1],
)
lab_b = Lab(
    letter="B",
    title="a decoder goes on writing a text of 246 characters (share of its 5-grams that occur in the text)",
    mark=labs.TEXT_MARK,
    model=models.DecoderTransformer,
    sizes=labs.TEXT_SIZES,
    train=_train_b,
    score=lambda model: labs.text_score(model, FRESH),
    probe=(labs.text_batches(FRESH)[0, :, : labs.WINDOW],),
)
lab_c = Lab(
    letter="C",
    title="an encoder-decoder writes six symbols backwards (share of 500 fresh sources without a mistake)",
    mark=labs.REVERSAL_MARK,
    model=models.Transformer,
    sizes=labs.REVERSAL_SIZES,
    train=_train_c,
    score=lambda model: labs.reversal_exact(model, training.greedy_decode, FRESH),
    probe=tuple(part[:, :5] for part in labs.reversals(40, labs.generator(FRESH))),
)
LABS = (lab_a, lab_b, lab_c)


class ReadsItsLabels(models.DecoderTransformer):
    """In training it is fed what it shall say: the targets were not shifted against the inputs."""

    def forward(self, tokens: Tensor) -> Tensor:
        """The logits of what follows; in training, of what is read."""
        return super().forward(tokens.roll(-1, dims=1) if self.training else tokens)


class KeysAndValuesFromDecoder(layers.DecoderLayer):
    """Cross-attention that never looks at the encoder: keys and values are the decoder's own, as far as it may look."""

    def forward(
        self, x: Tensor, causal_mask: Tensor | None, encoder_output: Tensor, cross_mask: Tensor | None
    ) -> Tensor:
        """As the right layer's, but for what cross-attention reads."""
        return super().forward(x, causal_mask, x, causal_mask)


def _part(module: Any, name: str, replacement: Any) -> tuple[tuple[Any, str, Any], ...]:
    return ((module, name, replacement),)


def _mistake(exercise_id: str, name: str) -> Any:
    """A known mistake of an exercise: the wrong function or class."""
    exercise = COURSE.exercise(exercise_id)
    (patch,) = (one for one in read_patches(COURSE.patches_path(exercise_id), exercise_id) if one.id == name)
    return definition_of(COURSE, exercise).function(vars(sys.modules[f"solutions.{exercise.module}"]), patch)


def _no_attention(self: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
    return torch.zeros_like(query)


no_attention = _part(attention.MultiHeadAttention, "forward", _no_attention)
heads_merged_by_view = _part(attention, "merge_heads", _mistake("merge_heads", "merge_view"))
heads_split_by_view = _part(attention, "split_heads", _mistake("split_heads", "view_without_transpose"))

WRONG = (
    Wrong("A", "no attention", parts=no_attention),
    Wrong("A", "no positions", _mistake("encoder_transformer", "no_position")),
    Wrong("A", "padding mask inverted", _mistake("encoder_transformer", "mask_inverted")),
    Wrong("A", "padding mask dropped", _mistake("encoder_transformer", "mask_dropped")),
    Wrong("A", "padding counted in the mean", _mistake("encoder_transformer", "pools_padding")),
    Wrong("A", "one layer's weights for all", _mistake("encoder_transformer", "layers_shared")),
    Wrong("A", "heads merged by view", parts=heads_merged_by_view),
    Wrong("B", "no causal mask", _mistake("decoder_transformer", "no_causal")),
    Wrong("B", "targets not shifted", ReadsItsLabels),
    Wrong("B", "no attention", parts=no_attention),
    Wrong("B", "no positions", _mistake("decoder_transformer", "no_position")),
    Wrong("B", "embedding not scaled", _mistake("decoder_transformer", "scale_forgotten")),
    Wrong("B", "embedding with torch's own first weights", _mistake("decoder_transformer", "embedding_default_init")),
    Wrong("B", "heads merged by view", parts=heads_merged_by_view),
    Wrong("C", "decoder fed the target itself", parts=_part(masks, "shift_right", _mistake("shift_right", "identity"))),
    Wrong("C", "shift by roll(1, 1)", parts=_part(masks, "shift_right", _mistake("shift_right", "roll_wraps"))),
    Wrong(
        "C", "shift by roll(1), flattened", parts=_part(masks, "shift_right", _mistake("shift_right", "roll_flattened"))
    ),
    Wrong(
        "C",
        "first token overwritten by BOS, no shift",
        parts=_part(masks, "shift_right", _mistake("shift_right", "first_overwritten")),
    ),
    Wrong("C", "shift by two", parts=_part(masks, "shift_right", _mistake("shift_right", "shift_by_two"))),
    Wrong("C", "no causal mask", _mistake("transformer", "causal_dropped")),
    Wrong("C", "no cross-attention", parts=_part(models, "DecoderLayer", _mistake("decoder_layer", "cross_skipped"))),
    Wrong("C", "keys and values from the decoder", parts=_part(models, "DecoderLayer", KeysAndValuesFromDecoder)),
    Wrong("C", "heads merged by view", parts=heads_merged_by_view),
    Wrong("C", "heads split by view", parts=heads_split_by_view),
    Wrong("C", "no positions", _mistake("transformer", "no_position")),
)

HEAD = """\
# Labs

Every lab, trained over {seeds} seeds with torch {torch} on one thread, by `python benchmarks/labs.py`. A lab uses the
seeds 1 and, for a second try, 2. What is judged is what the *right* model answers with the learned weights.

*Last loss*: of the training, mean of the last 20 steps, median over the seeds: the lesson is how little it tells.
*Stopped by*: what denies a wrong model the points, apart from its score. A lab is run only if the wiring
checks of its model pass. Lab C also makes two exact checks that no luck passes: the decoder is fed the target behind
BOS, and the logits of every prefix are those of the whole. (With EOS at the end of every target, both ways of rolling
bring an EOS to the front, and are the same.)

Some wrong models reach a mark: a task can be learned without the part that is missing. That is why a lab never stands
alone, and why it comes last."""
COLUMNS = """\
| model | last loss | min | median | max | reach the mark | CPU s | stopped by |
|---|---|---|---|---|---|---|---|"""

if __name__ == "__main__":
    sys.exit(main())
