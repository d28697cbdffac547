"""Runs beside the student's code: a function to apply twice."""


def with_power(twice, x, power):
    return twice(lambda value: value**power + 1, x)
