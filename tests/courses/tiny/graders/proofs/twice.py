"""Proof that the grader of twice can be trusted."""


def oracle(f, x):
    return [y := x, y := f(y), y := f(y)][-1]


def right_by_loop(f, x):
    for _ in range(2):
        x = f(x)
    return x


def right_with_a_name(f, x):
    once = f(x)
    return f(once)


def right_composed(f, x):
    return (lambda g: lambda value: g(g(value)))(f)(x)


def right_by_reduction(f, x):
    import functools

    return functools.reduce(lambda value, _: f(value), range(2), x)


def second_once(f, x):
    y = f(x)
    return y


def second_doubled(f, x):
    return f(x) + f(x)


def second_once__second_call_unused(f, x):
    y = f(x)
    f(y)
    return y


def double_once_and_doubled_input(f, x):
    return f(2 * x)
