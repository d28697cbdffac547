"""What a student does: the workspace, its state, and packing it to hand in.

workspace.py  find or make the student's folder
check.py      ask the public probes of an exercise; page.py shows the result in a notebook
probe.py      a probe's input as torch tensors
progress.py   .tfm-quiz/progress.json
submit.py     pack the zip
"""
