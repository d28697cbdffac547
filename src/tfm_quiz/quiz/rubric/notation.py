"""One spelling for what students write in many: symbols, formulas and contractions, before an answer is cut into words.

Every rewrite is a regular expression with bounded repetition over one sentence, so that the work is linear in the
length of the answer, whatever a hostile text holds. The results are plain words: `\\sqrt{d_k}`, `√dₖ` and `sqrt(dk)`
all become `sqrtdk`, `QKᵀ` and `q·k` become `qk`, `O(n^2 d)` becomes `ohn2d`, `y_{i-1}` becomes `y iminus1`.
"""

from __future__ import annotations

import re
import unicodedata

# Characters that are invisible, or that turn the direction of what is shown.
INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")

_CHARACTERS = str.maketrans(
    {
        "²": "^2", "³": "^3", "ᵀ": "^t", "⊤": "^t",
        "’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "−": "-", "‐": "-", "‑": "-", "–": " – ", "—": " – ",
        "→": " -> ", "⇒": " -> ", "⟶": " -> ", "➔": " -> ", "←": " <- ", "⇐": " <- ",
        "↓": " decreases ", "↑": " increases ",
        "×": " x ", "⋅": "·", "∙": "·", "∗": "*", "≈": " ~ ", "≃": " ~ ", "∼": " ~ ", "≅": " ~ ",
        "∝": " proportional to ", "≤": " at most ", "≥": " at least ", "∞": "inf", "≪": " < ", "≫": " > ",
        "∈": " in ", "ε": "epsilon", "α": "alpha", "β": "beta", "θ": "o", "Θ": "o",
        "•": " – ", "▪": " – ", "◦": " – ", "…": "...", "&": " and ", "½": "0.5", "⅔": "2/3",
    }
)  # fmt: skip

_NORM = "layer ?norm(?:ali[sz]ation)?|ln|norm"
_SUBLAYER = r"(?:sub ?layer|f|g|attn|attention|ffn)\w{0,10}"
_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), to)
    for pattern, to in [
        # LaTeX
        (r"\\(?:left|right|big|,|;|!|quad|displaystyle)\b ?", ""),
        (r"\\(?:text|mathrm|mathbf|operatorname|mathit|mathbb)\s?\{([^{}]{0,40})\}", r"\1"),
        (r"\\infty", "inf"),
        (r"\\(?:cdot|times|ast)", "·"),
        (r"\\(?:rightarrow|to|longrightarrow|implies|mapsto)\b", " -> "),
        (r"\\(?:leq|le)\b", " at most "),
        (r"\\(?:approx|sim)\b", " ~ "),
        (r"\\top\b", "t"),
        (r"\\(pi|alpha|epsilon|varepsilon|sin|cos|log|max|sqrt|softmax)\b", r"\1"),
        (r"\bvarepsilon\b", "epsilon"),
        (r"\$|\\\(|\\\)|\\\[|\\\]", " "),
        (r"(?<=[^\W\d_])-(?=[^\W\d_])", " "),  # self-attention; a dash between clauses has spaces
        # Sizes with their names
        (r"\bd\s?_\s?\{?\s?model\}?|\bdmodel\b|\bd model\b", "dmodel"),
        (r"\bd\s?_\s?\{?\s?([kv])\}?(?![a-z])|\bd([kv])\b", r"d\1\2"),
        (r"\bd\s?_\s?\{?\s?ff\}?|\bdff\b", "dff"),
        # Roots of sizes, and fractions
        (r"(?:square )?root of (?:the )?(d[kv]|dmodel)\b", r" sqrt\1 "),
        (r"(?:√|sqrt|\broot)\s?[({]{0,2}\s?(d[kv]|dmodel)\s?[)}]{0,2}", r" sqrt\1 "),
        (r"\b(d[kv]|dmodel)\s?(?:\^|\*\*)\s?[({]?\s?(?:0?\.5|1/2)\s?[)}]?", r" sqrt\1 "),
        (r"\b(d[kv]|dmodel)\s?(?:\^|\*\*)\s?[({]?\s?-\s?(?:0?\.5|1/2)\s?[)}]?", r" 1 / sqrt\1 "),
        (r"(?:√|sqrt)\s?[({]{0,2}\s?(?!d[kv]\b|dmodel)(\w{1,8})\s?[)}]{0,2}", r" sqrt \1 "),
        (r"\\d?frac\s?\{([^{}]{0,60})\}\s?\{([^{}]{0,60})\}", r" \1 / \2 "),
        # Normalised after the sum, or before the sub-layer
        (rf"(?:{_NORM})\s?\(\s?x\s?\+\s?{_SUBLAYER}\s?\(\s?x\s?\)\s?\)", " postnormformula "),
        (rf"\bx\s?\+\s?{_SUBLAYER}\s?\(\s?(?:{_NORM})\s?\(\s?x\s?\)\s?\)", " prenormformula "),
        # Queries times keys
        (r"\bq_?[ij]?\s?[·*@]\s?k_?[ij]?(?:\s?\^\s?\{?t\}?|\.t\b|\.transpose\([^)]{0,12}\)|')?(?![a-z])", " qk "),
        (r"\bq\s?k\s?\^\s?\{?t\}?(?![a-z])|\bqk[t']?(?![a-z0-9^])|\bq\s?\^\s?t\s?k\b|\bq \. k\b", " qk "),
        # Projection matrices
        (r"w\s?_?\s?\{?i?\}?\s?[_^]\s?\{?\s?([qkvo])\}?(?:_\{?i\}?)?(?![a-z])", r" w\1 "),
        (r"\bx ?w([qkvo])\b", r" x w\1 "),
        # Minus infinity
        (r"-\s?(?:inf(?:inity|ty)?\b|1e\d{1,2}\b|1\.0e\d\b|10\^\{?\d{1,2}\}?)", " neginf "),
        (r"-\s?torch\.inf\b|-\s?np\.inf\b", " neginf "),
        # Positions: pos + k, and the sinusoid's frequencies
        (r"\b10,000\b|\b10k\b|\b10 000\b|\b10\^4\b", "10000"),
        (r"10000\s?(?:\^|\*\*)\s?[({]{0,2}\s?\(?2i\s?/\s?d(?:model)?\)?\s?[)}]{0,2}", " frequencyterm "),
        (r"\bpe\s?[_(\[{]{0,2}\s?pos\s?\+\s?k\s?[)\]}]{0,2}", " peshifted "),
        (r"\bpe\s?[_(\[{]{0,2}\s?pos\s?[)\]}]{0,2}(?!\s?[,+])", " pehere "),
        (r"\bpos(?:ition)?\s?\+\s?k\b", " posplusk "),
        (r"\b(?:pos\s?,\s?)?2i\s?\+\s?1\b", " odddimension "),
        (r"\bpos\s?,\s?2i\b", " evendimension "),
        # Indices: i-1, t-1, n-1
        (r"(?<![a-z])([a-z])\s?_\s?\{?\(?([a-z])\s?-\s?1\s?\)?\}?", r"\1 \2minus1 "),
        (r"(?<![a-z0-9])([a-z])\s?_?\s?\(\s?([a-z])\s?-\s?1\s?\)", r"\1 \2minus1 "),
        (r"(?<![a-z0-9])([a-z])\s?-\s?1(?![0-9a-z]|\.\d)", r" \1minus1 "),
        (r"(?<![a-z0-9])([a-z])\s?\+\s?1(?![0-9a-z]|\.\d)", r" \1plus1 "),
        (r"(?<![a-z0-9])([a-z])_\{?([a-z0-9])\}?(?![a-z0-9])", r"\1\2"),
        # Multiplication signs and leftover braces
        (r"(\w)\s?[·]\s?(?=\w)", r"\1 "),
        (r"<=|=<", " at most "),
        (r"==?>|-{1,2}>", " -> "),
        (r"<-{1,2}", " <- "),
        (r"(?<![^\s(:=,])-(?=\.?\d)", " minus "),
        (r"(?<=[^\W_])-(?=[^\W_])", " "),  # 2-layer
        (r"[{}\\\"_*`]", " "),
        (r"\be\.\s?g\.|\bi\.\s?e\.|\bviz\.|\bcf\.", " "),
        (r"\bet al\.?", " "),
    ]
)  # fmt: skip
_BIG_O = re.compile(r"(?<![a-z_])o\s?\(([^()]{1,40}(?:\([^()]{0,20}\)[^()]{0,20})?)\)")

_CONTRACTED = {
    "cannot": "can not", "cant": "can not", "can't": "can not", "wont": "will not", "won't": "will not",
    "shan't": "shall not", "dont": "do not", "doesnt": "does not", "didnt": "did not", "isnt": "is not",
    "arent": "are not", "wasnt": "was not", "werent": "were not", "wouldnt": "would not", "couldnt": "could not",
    "shouldnt": "should not", "hasnt": "has not", "havent": "have not", "hadnt": "had not",
    "it's": "it is", "that's": "that is", "there's": "there is", "what's": "what is", "who's": "who is",
    "here's": "here is", "let's": "let us", "he's": "he is", "she's": "she is", "i'm": "i am",
}  # fmt: skip
_ENDINGS = (("n't", " not"), ("'re", " are"), ("'ve", " have"), ("'ll", " will"), ("'d", " would"), ("'s", ""))

# A word, an arrow, or a sign that means something to the patterns or to the clauses.
_TOKEN = re.compile(r"[^\W_]+(?:[.^'][^\W_]+){0,4}|->|<-|[=:/<>+~%,;–()?!|-]|\.{3}")


def visible(text: str) -> str:
    """The text without characters that cannot be seen, its line ends alike."""
    return INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def tokens(sentence: str) -> list[str]:
    """The words and signs of one sentence, in one spelling each.

    >>> tokens("Divide QKᵀ by √dₖ, don't forget!")
    ['divide', 'qk', 'by', 'sqrtdk', ',', 'do', 'not', 'forget', '!']
    """
    plain = unicodedata.normalize("NFKC", sentence.translate(_CHARACTERS)).casefold().translate(_CHARACTERS)
    plain = " ".join(plain.split())
    plain = _BIG_O.sub(_growth, plain)
    for pattern, to in _REWRITES:
        plain = pattern.sub(to, plain)
    words: list[str] = []
    for token in _TOKEN.findall(plain):
        words += _expanded(token) if "'" in token or token in _CONTRACTED else [token]
    return [word for word in words if word != "..."]


def _growth(found: re.Match[str]) -> str:
    """`O(n^2 · d)` as one word, `ohn2d`."""
    return " oh" + re.sub(r"\\[a-z]+|[^a-z0-9/]", "", found[1]) + " "


def _expanded(token: str) -> list[str]:
    if token in _CONTRACTED:
        return _CONTRACTED[token].split()
    for ending, words in _ENDINGS:
        if token.endswith(ending):
            return [token.removesuffix(ending), *words.split()]
    return token.replace("'", " ").split()
