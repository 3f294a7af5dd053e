# tokenizer.py
# A character-level tokenizer for a small GPT.

# The names of the special tokens, in the order of their ids (0, 1, 2).
PAD_TOKEN, UNK_TOKEN, EOS_TOKEN = "<pad>", "<unk>", "<eos>"


# The class that turns text into numbers and numbers into text.
class CharTokenizer:
    """A simple character-level tokenizer."""

    # The constructor receives the text that the vocabulary is built from.
    def __init__(self, text: str):
        # Make sure that we really got a string.
        if not isinstance(text, str):
            # Tell the caller what went wrong.
            raise TypeError("text must be a string")
        # Start the vocabulary with the three special tokens.
        self.vocab = [PAD_TOKEN, UNK_TOKEN, EOS_TOKEN]
        # dict.fromkeys keeps each character once, in order of first appearance.
        unique_characters = dict.fromkeys(text)
        # Put the characters behind the special tokens.
        self.vocab.extend(unique_characters)
        # Remember how many tokens there are.
        self.vocab_size = len(self.vocab)
        # Build the reverse dictionary: token -> id.
        self.token_to_id = {token: i for i, token in enumerate(self.vocab)}
        # Look up the id for unknown characters once, so that encode can use it.
        self.unk_id = self.token_to_id[UNK_TOKEN]

    # encode turns a string into a list of ids.
    def encode(self, text: str) -> list[int]:
        # Make sure that we really got a string.
        if not isinstance(text, str):
            # Tell the caller what went wrong.
            raise TypeError("text must be a string")
        # This list will collect the ids.
        ids = []
        # Go through the text, one character at a time.
        for character in text:
            # Get the id of this character, or the id of <unk> if we do not know it.
            token_id = self.token_to_id.get(character, self.unk_id)
            # Add the id to the list.
            ids.append(token_id)  # PREDICT: what is here for "hello"?
        # Give the finished list back.
        return ids

    # decode turns ids back into a string.
    def decode(self, ids) -> str:
        # This list will collect the tokens.
        tokens = []
        # Go through the ids, one at a time. This works for lists, tuples and generators.
        for token_id in ids:
            # Check that the id is in the valid range.
            if token_id < 0 or token_id >= self.vocab_size:
                # Tell the caller which id does not exist.
                raise ValueError(f"id {token_id} does not exist")
            # Look up the token and add it to the list.
            tokens.append(self.vocab[token_id])
        # Join the tokens with nothing between them.
        return "".join(tokens)
