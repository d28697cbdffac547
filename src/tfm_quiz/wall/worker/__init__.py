"""Inside the worker: run the submission and answer requests. The only folder whose code ever executes one."""
