"""The page of `python -m mini_gpt web`: what it shows, what it refuses, and how it is to use."""
