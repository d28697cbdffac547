"""The question bank in the formats of other systems.

formats.py      which formats there are, and what each carries
exported.py     what an export gives back, with remarks; the bank's texts as HTML
canvas.py, moodle.py, anki.py, jupyterquiz.py    one format each
"""
