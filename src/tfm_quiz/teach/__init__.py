"""What staff do: read a class of submissions, grade it, report on it, and write the course."""
