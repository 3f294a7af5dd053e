"""The story that loops 1, 3 and 4 share. It ends where it begins, so it can go round for ever."""

STORY = "red hen curled up. hello world. once upon our pond "
"""One round of the story: 51 characters, 13 different ones."""

TRAINING_TEXT = STORY * 20
"""What the model trains on: the same story, 20 times over."""

SEED = 11
"""The seed of every random number, so that your numbers come out as ours do."""
