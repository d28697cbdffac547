"""What an author of the course does: write, generate, prove and measure it.

scaffold.py    `teach new`: the skeleton of an exercise; parts.py which of its parts are missing
preview.py     `teach preview`: what students will read
generate.py    `teach stubs`: everything that is generated: stubs.py, lessons.py, probes.py, questions.py
lint.py        `teach lint`: the course's files, and prove.py the proof of each grader
transplant.py  a submission that is the reference with one definition changed
mutants.py     `teach mutants`: mutate.py breaks the reference; which breaks does no check see?
validity.py    `teach validity`: docs/validity.md
rubric.py      `teach rubric`: the rubrics measured on labelled answers
plain.py       `pytest graders --submission DIR`
"""
