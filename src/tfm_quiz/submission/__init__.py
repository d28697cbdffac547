"""What a student hands in: reading folders, archives and notebooks as hostile data.

entries.py      the submissions of a class: folders, archives, a platform's flat files
folder.py       read one submission; archive.py a zip or tar, in memory and never extracted
caps.py         how much of it may be read
file_names.py   what a file may be, by its name
sources.py      what each file holds for each module; notebook.py decodes a notebook, ipython.py its magics
assemble.py     which files count; choice.py of several, and inventory.py what was not read and why
submission.py   the result: modules, answers, notes

Python that nobody trusts, as text and syntax trees:
syntax.py       what a module defines, and where; scope.py which names a part of it reads
untouched.py    is an exercise still the stub?
pieces.py       the statements of a broken file that are Python
imports.py      what is left of an import of something that is not there
definitions.py  keep definitions, leave out what merely runs; alone.py for each module in turn
"""
