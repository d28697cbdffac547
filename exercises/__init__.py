"""The exercises: fill in what says `YOUR CODE HERE`. Generated from the solutions by `tfm-quiz teach stubs`."""
