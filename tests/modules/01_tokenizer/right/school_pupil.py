# My tokenizer. It makes numbers out of letters and letters out of numbers.


class CharTokenizer:
    def __init__(self, text):
        if not isinstance(text, str):
            raise TypeError("text has to be a string")
        # the three special ones come first, then all letters, each one only once
        self.vocab = ["<pad>", "<unk>", "<eos>"]
        for letter in text:
            if letter not in self.vocab:
                self.vocab.append(letter)
        self.vocab_size = len(self.vocab)

    def encode(self, text):
        if not isinstance(text, str):
            raise TypeError("text has to be a string")
        numbers = []
        for letter in text:
            # walk through the list until we are at the letter
            place = 0
            while place < self.vocab_size and self.vocab[place] != letter:
                place = place + 1
            # we came to the end and did not find it
            if place == self.vocab_size:
                place = 1
            numbers.append(place)  # PREDICT: what is here for "hello"?
        return numbers

    def decode(self, ids):
        answer = ""
        for number in ids:
            # -1 would be the last one in Python, I don't want that
            if number < 0 or number >= self.vocab_size:
                raise ValueError("there is no token with the number " + str(number))
            answer = answer + self.vocab[number]
        return answer
