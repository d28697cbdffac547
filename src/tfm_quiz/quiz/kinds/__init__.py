"""Kinds of question: one module each, with its fields, its prompt, how an answer is read, marked, shown and exported.

base.py     what every kind has; what a new kind must answer
fields.py   types of fields that several kinds share
letters.py  reading letters; numbers.py reading, comparing and showing numbers
forms.py    the neutral forms that exporters know

The kinds: choice.py, several.py, wrong_line.py, number.py, shape.py, order.py, code_order.py, match.py, blank.py,
tensor.py, prose.py

A kind is registered in `quiz/bank.py`.
"""
