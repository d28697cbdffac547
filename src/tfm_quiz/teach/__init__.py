"""Grade a class of submissions and report on it.

classroom.py         grade a class: what is up to date is kept, the rest goes to grader processes
results.py           RESULTS: one report a line in results.jsonl, and run.json with the seed
summaries.py         write grades.csv and feedback/ from the reports
feedback.py          the page that a student reads
overview.py          a graded class in numbers, for the screen
review.py            the queue of free-text answers that wait for a person
review_decisions.py  what the person decided, in review.jsonl
items.py             statistics of the graded questions
export/              questions for other systems
nbgrader/            the same grading behind nbgrader
"""
