"""The exercises: fill in what says `YOUR CODE HERE`. Generated from the course's solutions by `tfm-quiz teach stubs`."""
