"""The three labs: what is to be learned, the data to learn it from, and how what was learned is judged.

A lab trains the student's model in the worker (by a staged helper), on data drawn here. The weights come back as data
and are loaded into the reference's model, which answers in this process. So nothing that the worker says counts but the
weights, and a model that is wired otherwise than the reference fails: its weights mean something else.

Marks and seeds are from the table that `benchmarks/labs.py` prints (docs/labs.md).
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

Model = TypeVar("Model", bound=nn.Module)

SEEDS = (1, 2)  # of data and first weights: one try, and one more
BATCH = 64
PAD, BOS, EOS = 0, 1, 2


def generator(seed: int) -> torch.Generator:
    """A source of training data, or of data to judge by."""
    return torch.Generator().manual_seed(seed)


def best_score(score: Callable[[int], float], mark: float) -> float:
    """The score of the first seed, if it reaches the mark; else the better one of both."""
    best = 0.0
    for seed in SEEDS:
        best = max(best, score(seed))
        if best >= mark:
            break
    return best


def load(model_class: Callable[..., Model], sizes: Mapping[str, Any], state: object) -> Model:
    """The reference's model with the learned weights, in evaluation mode. AssertionError if they do not fit it."""
    model = model_class(**sizes)
    assert isinstance(state, dict), "the worker sent no weights"
    assert all(isinstance(weight, Tensor) for weight in state.values()), "the worker sent something else than weights"
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        raise AssertionError(f"the learned weights do not fit the reference: {error}") from error
    return model.eval()


# Lab A: an encoder tells whether the first token occurs again. No bag of words can: it takes attention and positions.

OCCURRENCE_SIZES = {
    "vocab_size": 8,
    "num_classes": 2,
    "d_model": 32,
    "num_heads": 4,
    "num_layers": 2,
    "d_ff": 64,
    "max_len": 8,
    "pad_id": PAD,
}
OCCURRENCE_STEPS, OCCURRENCE_RATE, OCCURRENCE_MARK = 400, 5e-3, 0.90


def occurrences(count: int, source: torch.Generator) -> tuple[Tensor, Tensor]:
    """Sentences of 3 to 8 tokens (count, 8), padded on the right, and whether the first token occurs again (count)."""
    symbols, length = OCCURRENCE_SIZES["vocab_size"] - 1, OCCURRENCE_SIZES["max_len"]
    first = torch.randint(1, symbols + 1, (count, 1), generator=source)
    step = torch.randint(1, symbols, (count, length - 1), generator=source)
    others = (first - 1 + step) % symbols + 1  # any symbol but the first
    ends = torch.randint(3, length + 1, (count, 1), generator=source)
    again = torch.rand(count, 1, generator=source) < 0.5
    where = 1 + (torch.rand(count, 1, generator=source) * (ends - 1)).long()
    places = torch.arange(1, length)
    tokens = torch.cat([first, torch.where(again & (places == where), first, others)], dim=1)
    return tokens.masked_fill(torch.arange(length) >= ends, PAD), again.squeeze(1).long()


def occurrence_batches(seed: int) -> tuple[Tensor, Tensor]:
    """Training data: tokens (steps, batch, 8), labels (steps, batch)."""
    tokens, labels = occurrences(OCCURRENCE_STEPS * BATCH, generator(seed))
    return tokens.view(OCCURRENCE_STEPS, BATCH, -1), labels.view(OCCURRENCE_STEPS, BATCH)


@torch.no_grad()
def occurrence_accuracy(model: nn.Module, seed: int) -> float:
    """The share of 1000 fresh sentences that the model judges rightly; 0.5 is chance."""
    tokens, labels = occurrences(1000, generator(seed))
    return (model(tokens).argmax(dim=-1) == labels).double().mean().item()


# Lab B: a decoder learns a text by heart, character by character, and goes on writing it.

TEXT = (
    "each word looks at all the words that came earlier and asks which of them may help to guess what follows "
    "then it takes a little from each of them and puts these parts together so that the line goes on "
    "as a hand would write it in the long dim dusk"
)
SYMBOLS = sorted(set(TEXT))  # ids 1 to 21; 0 is padding
WINDOW = 32
TEXT_SIZES = {
    "vocab_size": len(SYMBOLS) + 1,
    "d_model": 48,
    "num_heads": 4,
    "num_layers": 2,
    "d_ff": 96,
    "max_len": WINDOW,
    "pad_id": PAD,
    "pre_norm": True,
}
TEXT_STEPS, TEXT_BATCH, TEXT_RATE, TEXT_MARK = 250, 16, 5e-3, 0.70
PROMPT = 5


def text_ids() -> Tensor:
    """The text as ids (246)."""
    return torch.tensor([1 + SYMBOLS.index(character) for character in TEXT])


def text_batches(seed: int) -> Tensor:
    """Training data: windows of 33 characters (steps, batch, 33); all but the last are read, all but the first said."""
    starts = torch.randint(0, len(TEXT) - WINDOW, (TEXT_STEPS, TEXT_BATCH, 1), generator=generator(seed))
    return text_ids()[starts + torch.arange(WINDOW + 1)]


@torch.no_grad()
def text_score(model: nn.Module, seed: int) -> float:
    """The share of generated 5-grams that occur in the text.

    From 24 places of the text the model reads five characters and writes 27, always the most likely one.
    """
    ids = text_ids()
    starts = torch.randint(0, len(ids) - WINDOW, (24, 1), generator=generator(seed))  # where the text goes on
    tokens = ids[starts + torch.arange(PROMPT)]
    while tokens.shape[1] < WINDOW:
        tokens = torch.cat([tokens, model(tokens)[:, -1].argmax(dim=-1, keepdim=True)], dim=1)
    known = {tuple(gram) for gram in ids.unfold(0, 5, 1).tolist()}
    new = tokens[:, 1:].unfold(1, 5, 1).flatten(0, 1)  # each holds a new character
    written = [tuple(gram) for gram in new.tolist()]
    return sum(gram in known for gram in written) / len(written)


# Lab C: an encoder-decoder writes six symbols in reverse order.

REVERSAL_SIZES = {
    "vocab_size": 11,  # padding, BOS, EOS, and eight symbols
    "d_model": 32,
    "num_heads": 2,
    "num_layers": 1,
    "d_ff": 64,
    "max_len": 8,
    "pad_id": PAD,
}
REVERSAL_STEPS, REVERSAL_RATE, REVERSAL_MARK = 300, 1e-2, 0.90
REVERSAL_LENGTH = 6


def reversals(count: int, source: torch.Generator) -> tuple[Tensor, Tensor]:
    """Sources (count, 6), and targets (count, 7): the same backwards, then EOS."""
    symbols = torch.randint(EOS + 1, REVERSAL_SIZES["vocab_size"], (count, REVERSAL_LENGTH), generator=source)
    return symbols, torch.cat([symbols.flip(1), torch.full((count, 1), EOS)], dim=1)


def reversal_batches(seed: int) -> tuple[Tensor, Tensor]:
    """Training data: sources (steps, batch, 6), targets (steps, batch, 7)."""
    sources, targets = reversals(REVERSAL_STEPS * BATCH, generator(seed))
    return sources.view(REVERSAL_STEPS, BATCH, -1), targets.view(REVERSAL_STEPS, BATCH, -1)


def reversal_exact(model: nn.Module, greedy_decode: Callable[..., Tensor], seed: int) -> float:
    """The share of 500 fresh sources whose reversal is written without a mistake, EOS and all."""
    sources, targets = reversals(500, generator(seed))
    written = greedy_decode(model, sources, BOS, EOS, targets.shape[1])
    written = nn.functional.pad(written, (0, targets.shape[1] - written.shape[1]), value=PAD)
    return (written == targets).all(dim=1).double().mean().item()


def starts_with_bos(fed: object, targets: Tensor) -> bool:
    """Whether what the decoder was fed in training is the target behind BOS: no luck of a seed replaces that."""
    shifted = torch.cat([torch.full_like(targets[:, :1], BOS), targets[:, :-1]], dim=1)
    return isinstance(fed, Tensor) and torch.equal(fed, shifted)


def prefixes_agree(whole: object, prefixes: object) -> bool:
    """Whether the logits of every prefix, decoded alone, are those of the whole: nothing looks ahead.

    `whole` is (B, T, V), and `prefixes` are (B, 1, V), (B, 2, V), ... (B, T, V).
    """
    if not isinstance(whole, Tensor) or whole.dim() != 3 or not isinstance(prefixes, list):
        return False
    if len(prefixes) != whole.shape[1] or not all(isinstance(prefix, Tensor) for prefix in prefixes):
        return False
    tolerance = 1e-4 * max(1.0, whole.abs().max().item())
    return all(
        prefix.shape == whole[:, :length].shape and bool(((prefix - whole[:, :length]).abs() <= tolerance).all())
        for length, prefix in enumerate(prefixes, start=1)
    )
