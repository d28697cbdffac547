"""The commands of those who write the course; they are listed under `tfm-quiz teach`."""
