"""`pytest graders --submission DIR`."""

pytest_plugins = ("tfm_quiz.author.plain",)
