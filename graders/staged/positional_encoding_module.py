"""Runs beside the student's PositionalEncoding."""


def values_under_dropout(module_class, max_len, p, x, training):
    """What the entries of the output are, rounded, and how often each occurs, in tenths.

    The test chooses x so that the sum with the positions is the same number everywhere: then the answer depends on
    what dropout does, and not on which entries it drops.
    """
    module = module_class(x.size(-1), max_len, p)
    module.train(training)
    values, counts = module(x).detach().round(decimals=1).unique(return_counts=True)
    often = counts * 10 >= x.numel() // 2  # entries that round to something else for once are noise
    return values[often], (10 * counts[often] / x.numel()).round()
