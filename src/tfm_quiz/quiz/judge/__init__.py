"""An optional judge for free text: a language model at an endpoint that the instructor gives. Off by default.

It can only suggest. Per key point it says present, absent or contradicted, and quotes the answer; our code checks the
quote, asks twice in shuffled orders, plants items that must come back absent, and hands every disagreement to a person.

client.py   where the judge is, and the one HTTP request, with its deadline and its cap
prompt.py   what is sent, and the strict reading of what comes back
opinion.py  the guards around both, and the cache
"""
