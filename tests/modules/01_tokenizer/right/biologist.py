"""A field guide to the characters of a text.

Every kind of character is a species. A survey of the text lists them in the order of
their first sighting, and each gets a catalogue number.
"""

from collections import Counter

# Three numbers are kept for the museum itself; no species ever gets them.
MUSEUM = ("<pad>", "<unk>", "<eos>")
UNIDENTIFIED = MUSEUM.index("<unk>")


class CharTokenizer:
    """The catalogue: numbers for species (encode), species for numbers (decode)."""

    def __init__(self, text: str):
        if not isinstance(text, str):
            raise TypeError(f"a survey needs a string, not {type(text).__name__}")
        # Survey: count the individuals. A Counter remembers who was seen first.
        census = Counter(text)
        species = [kind for kind in census]
        # Catalogue: the museum's own numbers first, then the species.
        self.vocab = [*MUSEUM, *species]
        self.vocab_size = len(self.vocab)
        # The key for identification: species -> number.
        self.key = {kind: number for number, kind in enumerate(species, start=len(MUSEUM))}

    def encode(self, text: str) -> list[int]:
        """Identify each individual. Whatever the key does not know is <unk>."""
        if not isinstance(text, str):
            raise TypeError(f"a sample must be a string, not {type(text).__name__}")
        sample = []
        for individual in text:
            # PREDICT: what is here for "hello"?
            number = self.key.get(individual, UNIDENTIFIED)
            sample.append(number)
        return sample

    def decode(self, ids) -> str:
        """Lay the species side by side again, in the order of their numbers in ids."""
        specimens = []
        for number in ids:
            # Nobody may ask for a drawer that does not exist.
            if not 0 <= number < self.vocab_size:
                raise ValueError(f"no species has the number {number}, only 0 to {self.vocab_size - 1}")
            specimens.append(self.vocab[number])
        return "".join(specimens)
