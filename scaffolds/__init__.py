"""Where a loop starts: a skeleton to fill in, and the reference to compare with."""
