"""What all graders share: their fixtures, and `--submission DIR` for `pytest graders --submission DIR`."""

pytest_plugins = ("tfm_quiz.author.plain",)
