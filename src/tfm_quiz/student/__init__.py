"""What a student does: the workspace, its state, and packing it to hand in."""
