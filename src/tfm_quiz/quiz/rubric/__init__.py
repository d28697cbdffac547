"""The prose rubric: which key points an answer states, by patterns of words matched inside its sentences.

notation     one spelling for symbols, formulas and contractions
answer       sentences, words, and where clauses end
patterns     the pattern vocabulary, and finding a pattern in a sentence
vocabulary   typos and joined terms
vetoes       negated, reported, asked, taken back
guards       when to keep silent
model        what an author writes
rubric       a question's rubric, compiled, and what it reads in an answer

No model, no network, no torch; linear in the length of the answer. `docs/rubric.md` says how well it works.
"""
