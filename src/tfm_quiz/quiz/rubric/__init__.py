"""The prose rubric: which key points an answer states, by patterns of words matched inside its sentences.

notation.py    one spelling for symbols, formulas and contractions
answer.py      sentences, words, and where clauses end
patterns.py    the pattern vocabulary, and finding a pattern in a sentence
vocabulary.py  typos and joined terms
vetoes.py      negated, reported, asked, taken back
guards.py      when to keep silent
english.py     the English that vetoes and guards know
model.py       what an author writes; lexicon.py the part of the lexicon that ships to students
rubric.py      a question's rubric, compiled, and what it reads in an answer

No model, no network, no torch; linear in the length of the answer. `docs/rubric.md` says how well it works.
"""
