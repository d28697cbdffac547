"""Formulas on a stream that has no signs for them: √ becomes sqrt, not a question mark."""

import unicodedata

IN_ASCII = str.maketrans(
    {"√": "sqrt ", "∞": "inf", "·": "*", "×": "x", "−": "-", "–": "-", "—": "-", "≈": "about ", "≤": "<=", "≥": ">=",
     "“": '"', "”": '"', "’": "'", "‘": "'", "…": "...", "π": "pi", "α": "alpha", "β": "beta", "ε": "epsilon",
     "ω": "omega", "²": "^2", "³": "^3", "⁰": "^0", "⁻": "^-", "⁹": "9", "ᵀ": "^T", "ₜ": "_t", "ₙ": "_n"}
)  # fmt: skip


def spelled_out(text: str, encoding: str | None) -> str:
    """Return the text, with ASCII for signs that the stream does not have (a formula of `?` would say nothing)."""
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        plain = text.translate(IN_ASCII)
        return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return text
