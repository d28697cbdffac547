"""Kinds of question: one module each, with its fields, its prompt, how an answer is read, marked, shown and exported.

    base        what every kind has; what a new kind must answer
    fields      types of fields that several kinds share
    letters     reading letters; numbers: reading, comparing and showing numbers
    forms       the neutral forms that exporters know
    choice, several, wrong_line, number, shape, order, code_order, match, blank, tensor, prose

A kind is registered in `quiz/bank.py`.
"""
