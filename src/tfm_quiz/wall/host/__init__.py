"""The trusted side of the wall: start workers, ask them, end them in time, read what comes back as hostile."""
