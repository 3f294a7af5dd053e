"""Wrong tokenizers in the latest four styles: first measured, then tuned on."""

from tests.mistakes import Mistake

VOCAB = r"vocab|token|special|<pad>|<eos>|character"
UNKNOWN = r"unk|unknown|never seen|not in the vocab|None"
REFUSE = r"ValueError|IndexError|TypeError|negative|below|exist|refus|nobody has|raise"
IDS = r"\bids?\b|hello|encode|special|offset|three"

MISTAKES = [
    # lang_seq2seq
    Mistake(
        name="counts_only_two_specials_lang_seq2seq",
        base="lang_seq2seq",
        edits=(
            ("self.n_chars = 3  # Count PAD, UNK and EOS", "self.n_chars = 2  # Count SOS, EOS"),
        ),
        says=VOCAB,
    ),
    Mistake(
        name="counter_never_raised_lang_seq2seq",
        base="lang_seq2seq",
        edits=(("            self.n_chars += 1\n", ""),),
        says=VOCAB,
        kind="omission",
    ),
    Mistake(
        name="first_count_forgotten_lang_seq2seq",
        base="lang_seq2seq",
        edits=(("            self.char2count[char] = 1\n", ""),),
        says=r"KeyError|count|key",
        kind="omission",
        also=("self.char2count[char] += 1", "self.char2count = {}"),
    ),
    Mistake(
        name="eos_appended_as_in_the_tutorial_lang_seq2seq",
        base="lang_seq2seq",
        edits=(("return indexes\n", "return indexes + [EOS_token]\n"),),
        says=r"eos|special|end|one more|longer|hello|\bids?\b",
    ),
    Mistake(
        name="words_for_characters_lang_seq2seq",
        base="lang_seq2seq",
        edits=(("for char in sentence:", 'for char in sentence.split(" "):'),),
        says=r"word|split|" + VOCAB,
    ),
    # numbered_steps_chatbot
    Mistake(
        name="size_of_the_set_of_characters_numbered_steps_chatbot",
        base="numbered_steps_chatbot",
        edits=(
            ("self.vocab_size: int = len(self.vocab)", "self.vocab_size: int = len(set(text))"),
        ),
        says=r"vocab_size|size|special|count|three",
    ),
    Mistake(
        name="return_inside_the_loop_numbered_steps_chatbot",
        base="numbered_steps_chatbot",
        edits=(("\n        return token_ids\n", "\n            return token_ids\n"),),
        says=r"return|loop|indent|first|hello|\bids?\b|None",
    ),
    Mistake(
        name="first_missing_id_numbered_steps_chatbot",
        base="numbered_steps_chatbot",
        edits=(("token_id >= self.vocab_size:", "token_id > self.vocab_size:"),),
        says=REFUSE,
    ),
    Mistake(
        name="a_fourth_special_token_numbered_steps_chatbot",
        base="numbered_steps_chatbot",
        edits=(('["<pad>", "<unk>", "<eos>"]', '["<pad>", "<unk>", "<bos>", "<eos>"]'),),
        says=r"bos|" + VOCAB,
    ),
    Mistake(
        name="two_no_default_and_negative_ids_numbered_steps_chatbot",
        base="numbered_steps_chatbot",
        edits=(
            ("self.token_to_id.get(symbol, self.unknown_id)", "self.token_to_id.get(symbol)"),
            ("if token_id < 0 or token_id >= self.vocab_size:", "if token_id >= self.vocab_size:"),
        ),
        says=UNKNOWN,
        also=('token_ids.append(token_id)  # PREDICT: what is here for "hello"?',),
    ),
    # caderno_celulas
    Mistake(
        name="decode_never_attached_caderno_celulas",
        base="caderno_celulas",
        edits=(("CharTokenizer.decode = decode\n", ""),),
        says=r"decode|attribute|missing|not written",
        kind="omission",
    ),
    Mistake(
        name="return_of_the_helper_forgotten_caderno_celulas",
        base="caderno_celulas",
        edits=(("    return unicos\n", ""),),
        says=r"return|None|TypeError|list",
        kind="omission",
    ),
    Mistake(
        name="extend_gives_none_caderno_celulas",
        base="caderno_celulas",
        edits=(("self.vocab = ESPECIAIS + unicos", "self.vocab = ESPECIAIS.extend(unicos)"),),
        says=r"None|TypeError|extend|list|len",
        kind="raises",
    ),
    Mistake(
        name="id_looked_for_among_the_tokens_caderno_celulas",
        base="caderno_celulas",
        edits=(("if i not in range(self.vocab_size):", "if i not in self.vocab:"),),
        says=r"ValueError|decode|\bids?\b|raise",
        kind="raises",
    ),
    Mistake(
        name="table_without_specials_caderno_celulas",
        base="caderno_celulas",
        edits=(("zip(self.vocab, range", "zip(unicos, range"),),
        says=IDS,
    ),
    # veteran_setdefault
    Mistake(
        name="sorted_set_of_characters_veteran_setdefault",
        base="veteran_setdefault",
        edits=(("chain(SPECIALS, text)", "chain(SPECIALS, sorted(set(text)))"),),
        says=r"order|first|appear|sort",
    ),
    Mistake(
        name="unk_and_pad_swapped_veteran_setdefault",
        base="veteran_setdefault",
        edits=(("PAD, UNK, EOS = range", "UNK, PAD, EOS = range"),),
        says=r"pad|" + UNKNOWN,
        also=("return [lookup(char, UNK) for char in text]",),
    ),
    Mistake(
        name="error_returned_not_raised_veteran_setdefault",
        base="veteran_setdefault",
        edits=(('raise ValueError(f"{number} is', 'return ValueError(f"{number} is'),),
        says=REFUSE,
    ),
    Mistake(
        name="map_forgotten_veteran_setdefault",
        base="veteran_setdefault",
        edits=(("map(self._token, ids)", "self._token(ids)"),),
        says=r"TypeError|list|int|map|each|decode|supported",
        kind="raises",
    ),
    Mistake(
        name="two_lower_case_and_spaces_between_veteran_setdefault",
        base="veteran_setdefault",
        edits=(
            ("UNK) for char in text]", "UNK) for char in text.lower()]"),
            ('return "".join(', 'return " ".join('),
        ),
        says=r"lower|small|capital|\bids?\b",
    ),
]
