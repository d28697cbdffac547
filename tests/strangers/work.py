"""Three students' work on seven exercises of four modules, as the text that they typed."""

import json
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
MODULES = ("positions", "masks", "training", "bugs")
EXERCISES = (
    "token_embedding",
    "positional_encoding",
    "padding_mask",
    "causal_mask",
    "decoder_mask",
    "noam_rate",
    "mean_loss",
)
_MARK = "# YOUR CODE HERE"

Work = dict[str, str]

ADA: Work = {
    "TokenEmbedding": "return self.embedding(tokens) * self.embedding.embedding_dim ** 0.5",
    "positional_encoding": """\
pos = torch.arange(length).double()[:, None]
i = torch.arange(d_model)
angle = pos * 10000.0 ** (-(i - i % 2).double() / d_model)
return torch.where(i % 2 == 0, angle.sin(), angle.cos()).float()""",
    "padding_mask": "return (tokens != pad_id)[:, None, :]",
    "causal_mask": "return torch.ones(1, length, length, dtype=torch.bool, device=device).tril()",
    "decoder_mask": "return padding_mask(tokens, pad_id) & causal_mask(tokens.shape[1], tokens.device)",
    "noam_rate": """\
if step <= 0:
    raise ValueError("step must be at least 1")
return (d_model * max(step, step**-2 * warmup**3)) ** -0.5""",
    "mean_loss": "return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=pad_id, reduction='sum')"
    " / (targets != pad_id).sum().clamp(min=1)",
}
BOB: Work = {  # padding is always 0, an odd d_model ends in an exception, no ValueError, and the rest is right
    "TokenEmbedding": "return self.embedding(tokens)",
    "positional_encoding": """\
pe = torch.zeros(length, d_model)
angle = torch.arange(length).float()[:, None] * 10000.0 ** (-torch.arange(0, d_model, 2).float() / d_model)
pe[:, 0::2] = torch.sin(angle)
pe[:, 1::2] = torch.cos(angle)
return pe""",
    "padding_mask": "return (tokens != 0).unsqueeze(1)",
    "causal_mask": ADA["causal_mask"],
    "decoder_mask": ADA["decoder_mask"],
    "noam_rate": "return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)",
    "mean_loss": ADA["mean_loss"],
}
CYD: Work = {"causal_mask": ADA["causal_mask"], "noam_rate": ADA["noam_rate"]}
WORKS = {"ada": ADA, "bob": BOB, "cyd": CYD}


def stub(module: str) -> str:
    """Return a module as students get it."""
    return (ROOT / "exercises" / f"{module}.py").read_text(encoding="utf-8")


def filled(module: str, work: Work) -> str:
    """Return the module with a student's work typed into its stubs."""
    return _fill(stub(module), work)


def lesson(module: str, work: Work) -> dict:
    """Return the module's lesson notebook with a student's work typed into its cells."""
    notebook = json.loads((ROOT / "exercises" / "notebooks" / f"{module}.ipynb").read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = _fill("".join(cell["source"]), work)
    return notebook


def _fill(text: str, work: Work) -> str:
    lines, name, skip = [], "", False
    for line in text.splitlines():
        if line.startswith(("def ", "class ")):
            name, skip = line.split()[1].split("(")[0].rstrip(":"), False
            if name == "mean_loss" and name in work:  # a bug to find: the stub has code, which this replaces
                bare = "def mean_loss(logits: Tensor, targets: Tensor, pad_id: int) -> Tensor:"
                lines += [bare, f"    {work[name]}", ""]
                skip = True
        if skip and (not line or line[0] in " )"):
            continue
        if skip and line.startswith("def mean_loss"):
            continue
        skip = False
        if line.strip() == _MARK and name in work:
            space = line[: len(line) - len(line.lstrip())]
            lines += [space + written for written in work[name].splitlines()]
            skip = False
            lines.append("\0")
        elif lines and lines[-1] == "\0":
            lines.pop()  # the `raise NotImplementedError()` below the mark
        else:
            lines.append(line)
    return "\n".join(lines).replace("\0", "") + "\n"


def short(work: Work, *names: str) -> str:
    """Return the functions alone, as somebody writes them into a file of their own."""
    heads = {
        "positional_encoding": "length: int, d_model: int",
        "padding_mask": "tokens, pad_id",
        "causal_mask": "length, device=None",
        "decoder_mask": "tokens, pad_id",
        "noam_rate": "step, d_model, warmup",
        "mean_loss": "logits, targets, pad_id",
    }
    functions = []
    for name in names or heads:
        if name in work:
            body = "\n".join(f"    {line}" for line in work[name].splitlines())
            functions.append(f"def {name}({heads[name]}):\n{body}\n")
    return "\n\n".join(functions)
