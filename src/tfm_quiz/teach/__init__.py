"""What staff do: read and grade a class, prove the course, generate what is generated."""
