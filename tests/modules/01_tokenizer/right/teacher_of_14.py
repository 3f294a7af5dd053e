# Our secret code machine.
# It swaps every letter for a number, and every number for its letter.
# Spaces, dots and capitals count as letters too.


class CharTokenizer:

    # This is what happens when we build a new machine.
    def __init__(self, text):
        # The machine only eats text.
        if not isinstance(text, str):
            raise TypeError("The machine needs a text, with quotes around it.")

        # Our code book starts with three special words.
        self.vocab = []
        self.vocab.append("<pad>")
        self.vocab.append("<unk>")
        self.vocab.append("<eos>")

        # Now we walk along the text, letter by letter.
        for letter in text:
            # Do we have this letter in our book already?
            already_there = False
            for entry in self.vocab:
                if entry == letter:
                    already_there = True
            # If not, we write it on the next free line.
            if not already_there:
                self.vocab.append(letter)

        # How many lines does the book have?
        self.vocab_size = len(self.vocab)

    # From letters to numbers.
    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError("The machine needs a text, with quotes around it.")

        numbers = []
        for letter in text:
            # As long as we have not found the letter, its number is 1, for "unknown".
            number = 1
            # Look at every line of the book, after the three special words.
            for line in range(3, self.vocab_size):
                if self.vocab[line] == letter:
                    number = line
            numbers.append(number)  # PREDICT: what is here for "hello"?
        return numbers

    # From numbers to letters.
    def decode(self, ids):
        answer = ""
        for number in ids:
            # A line that is not in the book? Then we stop with an error.
            if number < 0 or number >= self.vocab_size:
                raise ValueError("There is no line " + str(number) + " in the code book.")
            answer = answer + self.vocab[number]
        return answer
