"""The process that runs student code: one exercise of one submission. It imports wire/, torch and nothing else of ours.

worker.py         receive requests, run them, reply
modules.py        import a submission from its text
gradients.py      vector-Jacobian products
failure.py        an exception as data
output.py         bounded standard output
plotting_stub.py  matplotlib and its like, drawing nothing
compile_stub.py   torch.compile, compiling nothing
"""
