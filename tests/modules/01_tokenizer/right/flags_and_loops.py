# my tokenizer :-)
# It gives every letter a number, and it can change the numbers back to letters.


class CharTokenizer:

    def __init__(self, text: str):
        # only a string will do
        if isinstance(text, str) == False:
            raise TypeError("the text must be a string")

        # step 1: the list begins with the three special tokens
        self.vocab = []
        self.vocab.append("<pad>")
        self.vocab.append("<unk>")
        self.vocab.append("<eos>")

        # step 2: go through the text, letter by letter
        position = 0
        while position < len(text):
            letter = text[position]
            # look whether this letter is in the list already
            already_there = False
            number = 3
            while number < len(self.vocab):
                if self.vocab[number] == letter:
                    already_there = True
                number = number + 1
            # if it is not, put it at the end
            if already_there == False:
                self.vocab.append(letter)
            position = position + 1

        # step 3: count them
        self.vocab_size = len(self.vocab)

    def encode(self, text: str) -> list[int]:
        if isinstance(text, str) == False:
            raise TypeError("the text must be a string")

        result = []
        for letter in text:
            # the number is 1 (unknown) until we find the letter
            answer = 1
            for number in range(3, len(self.vocab)):
                if letter == self.vocab[number]:
                    answer = number
            result.append(answer)  # PREDICT: what is here for "hello"?
        return result

    def decode(self, ids) -> str:
        sentence = ""
        for number in ids:
            # there is no token below 0
            if number < 0:
                raise ValueError("there is no token with the id " + str(number))
            # and none after the last one
            if number > self.vocab_size - 1:
                raise ValueError("there is no token with the id " + str(number))
            sentence = sentence + self.vocab[number]
        return sentence
