"""An edge costs what an edge is worth: code that is right but for one keeps three quarters of its exercise.

What is written here is what most programs do. None of it makes other checks skip, and no other exercise pays for it.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from tfm_quiz.author.transplant import transplant
from tfm_quiz.grading.exercise import Graders
from tfm_quiz.grading.grade import grade
from tfm_quiz.grading.graders import with_graders
from tfm_quiz.grading.probes import PUBLIC_SEED
from tfm_quiz.manifest import load_course
from tfm_quiz.outcome import ExerciseResult
from tfm_quiz.submission.submission import Submission
from tfm_quiz.wall.host.workers import Workers

COURSE = load_course(Path(__file__).parents[2])
EDGES = {
    "masked_softmax: a row without keys is NaN": """
def wrong(scores, mask=None):
    return (scores if mask is None else scores.masked_fill(~mask, -math.inf)).softmax(dim=-1)
""",
    "masked_softmax: a row without keys is uniform, and half precision fails": """
def wrong(scores, mask=None):
    return (scores if mask is None else scores.masked_fill(~mask, -1e9)).softmax(dim=-1)
""",
    "scaled_dot_product_attention: a row without keys is uniform": """
def wrong(query, key, value, mask=None):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    weights = (scores if mask is None else scores.masked_fill(~mask, -1e9)).softmax(dim=-1)
    return weights @ value, weights
""",
    "scaled_dot_product_attention: large scores overflow": """
def wrong(query, key, value, mask=None):
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    allowed = torch.ones_like(scores, dtype=torch.bool) if mask is None else mask
    exps = scores.masked_fill(~allowed, -1e9).exp()
    total = exps.sum(dim=-1, keepdim=True)
    weights = exps / total.masked_fill(total == 0, 1.0)
    return weights @ value, weights
""",
    "multi_head_attention: a query without keys gets an average": """
class wrong(MultiHeadAttention):
    def forward(self, query, key, value, mask=None):
        query, key, value = self.query_linear(query), self.key_linear(key), self.value_linear(value)
        query, key, value = (x.unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for x in (query, key, value))
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
        if mask is not None:
            scores = scores.masked_fill(~mask.unsqueeze(1), -1e9)
        return self.output_linear((scores.softmax(dim=-1) @ value).transpose(1, 2).flatten(2))
""",
    "multi_head_attention: dropout on the weights": """
class wrong(MultiHeadAttention):
    def forward(self, query, key, value, mask=None):
        query, key, value = self.query_linear(query), self.key_linear(key), self.value_linear(value)
        query, key, value = (split_heads(x, self.num_heads) for x in (query, key, value))
        if mask is not None and mask.size(0) > 1:
            mask = mask.repeat_interleave(self.num_heads, dim=0)
        _, weights = scaled_dot_product_attention(query, key, value, mask)
        weights = nn.functional.dropout(weights, 0.1, self.training)
        return self.output_linear(merge_heads(weights @ value, self.num_heads))
""",
    "feed_forward: dropout inside": """
class wrong(FeedForward):
    def forward(self, x):
        return self.fc2(nn.functional.dropout(torch.relu(self.fc1(x)), 0.1, self.training))
""",
    "positional_encoding: even widths only": """
def wrong(length, d_model):
    position = torch.arange(length).unsqueeze(1)
    rate = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
    table = torch.zeros(length, d_model)
    table[:, 0::2] = torch.sin(position * rate)
    table[:, 1::2] = torch.cos(position * rate)
    return table
""",
    "positional_encoding_module: no error past the table and no cast": """
class wrong(PositionalEncoding):
    def forward(self, x, offset=0):
        return self.dropout(x + self.table[offset : offset + x.size(1)])
""",
    "noam_rate: steps below 1 are not refused": """
def wrong(step, d_model, warmup):
    return d_model**-0.5 * min(max(step, 1) ** -0.5, step * warmup**-1.5)
""",
    "split_heads: an assertion": """
def wrong(x, num_heads):
    assert x.size(-1) % num_heads == 0
    return x.unflatten(-1, (num_heads, -1)).transpose(1, 2).flatten(0, 1)
""",
    "merge_heads: torch's own error": """
def wrong(x, num_heads):
    return x.view(-1, num_heads, *x.shape[1:]).transpose(1, 2).flatten(2)
""",
    "causal_mask: the device is ignored": """
def wrong(length, device=None):
    return torch.ones(1, length, length, dtype=torch.bool).tril()
""",
    "add_and_norm: adds to what the sub-layer returned": """
def wrong(x, sublayer, norm, dropout, pre_norm=False):
    out = dropout(sublayer(norm(x) if pre_norm else x))
    out += x
    return out if pre_norm else norm(out)
""",
    "label_smoothed_loss: a batch of padding is NaN": """
def wrong(logits, targets, smoothing, pad_id=None):
    ignored = -100 if pad_id is None else pad_id
    logits, targets = logits.flatten(0, 1), targets.flatten()
    if smoothing == 0:
        return nn.functional.cross_entropy(logits, targets, ignore_index=ignored)
    real = targets != ignored
    return nn.functional.cross_entropy(logits[real], targets[real], label_smoothing=smoothing)
""",
    "greedy_decode: gradients are recorded": """
def wrong(model, source, bos_id, eos_id, max_len):
    was_training = model.training
    model.eval()
    memory = model.encode(source)
    tokens = torch.full((source.size(0), 1), bos_id)
    ended = torch.zeros(source.size(0), dtype=torch.bool)
    for _ in range(max_len):
        token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1).masked_fill(ended, model.pad_id)
        tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
        ended = ended | (token == eos_id)
        if ended.all():
            break
    model.train(was_training)
    return tokens[:, 1:]
""",
    "greedy_decode: the mode is not put back": """
@torch.no_grad()
def wrong(model, source, bos_id, eos_id, max_len):
    model.eval()
    memory = model.encode(source)
    tokens = torch.full((source.size(0), 1), bos_id)
    ended = torch.zeros(source.size(0), dtype=torch.bool)
    for _ in range(max_len):
        token = model.decode(tokens, memory, source)[:, -1].argmax(dim=-1).masked_fill(ended, model.pad_id)
        tokens = torch.cat([tokens, token.unsqueeze(-1)], dim=-1)
        ended = ended | (token == eos_id)
        if ended.all():
            break
    return tokens[:, 1:]
""",
    "encoder_transformer: a sequence of padding is NaN": """
class wrong(EncoderTransformer):
    def forward(self, tokens):
        mask = padding_mask(tokens, self.pad_id)
        x = self.positional_encoding(self.token_embedding(tokens))
        for layer in self.layers:
            x = layer(x, mask)
        real = mask.transpose(1, 2)
        return self.head((x * real).sum(dim=1) / real.sum(dim=1))
""",
}
IMPORTS = "import math\nimport torch\nfrom torch import nn\n"


def graded(graders: Graders, edge: str) -> dict[str, ExerciseResult]:
    """The results of the exercise with this edge and of all that need it directly."""
    exercise = COURSE.exercise(edge.partition(":")[0])
    sources = {module: COURSE.solution_path(module).read_text("utf-8") for module in COURSE.modules}
    donor = IMPORTS + EDGES[edge]
    sources[exercise.module] = transplant(sources[exercise.module], donor, "wrong", exercise.name)
    asked = [exercise, *(other for other in COURSE.exercises if exercise.id in other.needs)]
    return grade(graders, asked, Submission(name="student-01", modules=sources), key="k").exercises


@pytest.fixture(scope="module")
def results(workers: Workers) -> dict[str, dict[str, ExerciseResult]]:
    """By edge: what was graded."""
    found: dict[str, dict[str, ExerciseResult]] = {}

    def use(graders: Graders) -> None:
        found.update({edge: graded(replace(graders, labs=False), edge) for edge in EDGES})

    with_graders(COURSE, COURSE.exercises, workers, use, seed=PUBLIC_SEED)
    return found


@pytest.mark.parametrize("edge", EDGES)
def test_an_edge_costs_something_and_a_quarter_at_most_and_skips_nothing(results, edge):
    result = results[edge][edge.partition(":")[0]]
    out_of = sum(check.out_of for check in result.checks if not check.lab)
    assert 0.75 * out_of <= result.points < out_of
    assert [check.name for check in result.checks if check.outcome == "skipped" and not check.lab] == []


@pytest.mark.parametrize("edge", EDGES)
def test_no_other_exercise_pays_for_an_edge(results, edge):
    for name, result in results[edge].items():
        if name != edge.partition(":")[0]:
            out_of = sum(check.out_of for check in result.checks if not check.lab)
            assert result.points == out_of, name
