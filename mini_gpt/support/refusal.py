"""What cannot be done, said in a sentence."""


class Refusal(Exception):
    """What was asked for cannot be done. The message says why, and what to do next."""
