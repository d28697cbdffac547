"""Everything that makes a zygote's workers start fast, done once around its imports."""

from collections.abc import Generator
from contextlib import contextmanager

from . import compiler, garbage, hugepages, warmup


@contextmanager
def imports(*, forks: bool) -> Generator[None]:
    """Import torch and the worker's modules in this block; at its end this process is warm.

    `forks`: workers will be forked from this process, so its memory is worth collecting into large pages.
    """
    with garbage.uncollected():
        yield
        compiler.leave_out()
        warmup.run()
    if forks:
        hugepages.collect()
