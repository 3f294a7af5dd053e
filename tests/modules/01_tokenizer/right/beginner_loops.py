# Beginner's style: one small step on each line, and nothing clever anywhere.


class CharTokenizer:
    def __init__(self, text):
        # the special tokens come first
        self.vocab = []
        self.vocab.append("<pad>")
        self.vocab.append("<unk>")
        self.vocab.append("<eos>")

        # then every new letter gets the next number
        self.char_to_id = {}
        next_id = 3
        for letter in text:
            already_known = letter in self.char_to_id
            if not already_known:
                self.vocab.append(letter)
                self.char_to_id[letter] = next_id
                next_id = next_id + 1

        # how many there are in all
        count = 0
        for token in self.vocab:
            count = count + 1
        self.vocab_size = count

    def encode(self, text):
        numbers = []
        for letter in text:
            if letter in self.char_to_id:
                number = self.char_to_id[letter]
                numbers.append(number)
            else:
                # I do not know this letter
                numbers.append(1)
        return numbers

    def decode(self, ids):
        sentence = ""
        for number in ids:
            if number < 0:
                raise ValueError("a number must not be negative, but I got " + str(number))
            if number >= self.vocab_size:
                raise ValueError("this number is too big: " + str(number))
            letter = self.vocab[number]
            sentence = sentence + letter
        return sentence
