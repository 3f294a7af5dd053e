"""Wrong tokenizers: what learners and assistants really get wrong, and some plausible slips."""

from tests.mistakes import Mistake

ORDER = r"order|first|appear|sort"
SPECIAL = r"special|<pad>|<unk>|<eos>"
UNKNOWN = r"unk|unknown|not in the (text|vocab)|never"
BAD_ID = r"ValueError|exist|range|negative|outside|invalid|unknown id|bad id"
LOST = r"last|lost|missing|every char|each char|all (the )?char|vocab"
SPACE = r"space|strip|blank|ends|lost|missing"
SIZE = r"vocab_size|size|count|len"
IDS = r"\bids?\b|offset|number|index|encode"
ROUND = r"decode|round|back|join"
LIST = r"list|type|int"
SHARED = r"second|another|other|two|share|own|class"
HANG = r"loop|end|stop|hang|hung|second|time"

MISTAKES = [
    # ---- stoi_itos
    Mistake(
        name="order_sorted_stoi",
        base="stoi_itos",
        edits=(("        for ch in text:\n", "        for ch in sorted(set(text)):\n"),),
        says=ORDER,
    ),
    Mistake(
        name="specials_at_the_end_stoi",
        base="stoi_itos",
        edits=(
            (
                '        self.vocab = ["<pad>", "<unk>", "<eos>"] + chars\n',
                '        self.vocab = chars + ["<pad>", "<unk>", "<eos>"]\n',
            ),
        ),
        says=SPECIAL + "|" + ORDER,
    ),
    Mistake(
        name="size_counts_characters_only_stoi",
        base="stoi_itos",
        edits=(("self.vocab_size = len(self.vocab)", "self.vocab_size = len(chars)"),),
        says=SIZE,
    ),
    Mistake(
        name="unknown_raises_key_error_stoi",
        base="stoi_itos",
        edits=(("[self.stoi.get(c, unk) for c in text]", "[self.stoi[c] for c in text]"),),
        says=UNKNOWN + "|KeyError",
        kind="raises",
    ),
    Mistake(
        name="itos_swapped",
        base="stoi_itos",
        edits=(("{i: s for i, s in", "{s: i for i, s in"),),
        says=ROUND + "|ValueError",
        kind="raises",
    ),
    Mistake(
        name="stoi_without_self",
        base="stoi_itos",
        edits=(("        self.stoi = {", "        stoi = {"),),
        says=r"AttributeError|attribute|stoi|self",
        kind="raises",
    ),
    Mistake(
        name="two_unknown_is_zero_and_decode_joins_with_space",
        base="stoi_itos",
        edits=(
            ("self.stoi.get(c, unk)", "self.stoi.get(c, 0)"),
            ('return "".join(out)', 'return " ".join(out)'),
        ),
        says=UNKNOWN + "|" + ROUND,
    ),
    # ---- beginner_loops
    Mistake(
        name="eos_forgotten_beginner",
        base="beginner_loops",
        edits=(('        self.vocab.append("<eos>")\n', ""),),
        says=SPECIAL + "|vocab",
        kind="omission",
    ),
    Mistake(
        name="next_id_never_counts_beginner",
        base="beginner_loops",
        edits=(("                next_id = next_id + 1\n", ""),),
        says=IDS,
        kind="omission",
    ),
    Mistake(
        name="last_letter_lost_beginner",
        base="beginner_loops",
        edits=(
            (
                "next_id = 3\n        for letter in text:\n",
                "next_id = 3\n        for letter in text[:-1]:\n",
            ),
        ),
        says=LOST,
    ),
    Mistake(
        name="encode_forgets_return_beginner",
        base="beginner_loops",
        edits=(("        return numbers\n", ""),),
        says=r"None|return",
        kind="omission",
    ),
    Mistake(
        name="encode_drops_unknown_beginner",
        base="beginner_loops",
        edits=(("                numbers.append(1)\n", "                continue\n"),),
        says=UNKNOWN,
    ),
    Mistake(
        name="first_id_past_the_end_beginner",
        base="beginner_loops",
        edits=(("if number >= self.vocab_size:", "if number > self.vocab_size:"),),
        says=BAD_ID + "|IndexError",
        kind="raises",
    ),
    Mistake(
        name="two_ids_start_at_2_and_decode_strips_beginner",
        base="beginner_loops",
        edits=(
            ("        next_id = 3\n", "        next_id = 2\n"),
            ("        return sentence\n", "        return sentence.strip()\n"),
        ),
        says=IDS + "|" + SPACE,
        also=("self.char_to_id[letter] = next_id",),
    ),
    # ---- typed_llm
    Mistake(
        name="specials_in_wrong_order_typed",
        base="typed_llm",
        edits=(("(PAD_TOKEN, UNK_TOKEN, EOS_TOKEN)", "(PAD_TOKEN, EOS_TOKEN, UNK_TOKEN)"),),
        says=SPECIAL + "|order",
    ),
    Mistake(
        name="negative_ids_accepted_typed",
        base="typed_llm",
        edits=(("if not 0 <= token_id < self.vocab_size:", "if token_id >= self.vocab_size:"),),
        says=BAD_ID,
    ),
    Mistake(
        name="index_error_instead_of_value_error_typed",
        base="typed_llm",
        edits=(('raise ValueError(f"token id', 'raise IndexError(f"token id'),),
        says=BAD_ID + "|IndexError",
        kind="raises",
    ),
    Mistake(
        name="iterable_from_collections_typed",
        base="typed_llm",
        edits=(
            (
                "from collections.abc import Iterable, Iterator\n",
                "from collections import Iterable, Iterator\n",
            ),
        ),
        says=r"import|collections|Iterable",
        kind="import",
    ),
    Mistake(
        name="encode_is_a_generator_typed",
        base="typed_llm",
        edits=(
            (
                "return [self._token_to_id.get(character, self._unk_id) for character in text]",
                "return (self._token_to_id.get(character, self._unk_id) for character in text)",
            ),
        ),
        says=LIST + "|generator",
    ),
    Mistake(
        name="vocabulary_is_lower_case_typed",
        base="typed_llm",
        edits=(("for character in text:\n", "for character in text.lower():\n"),),
        says=r"lower|upper|capital|case|" + LOST,
    ),
    Mistake(
        name="seen_never_filled_typed",
        base="typed_llm",
        edits=(("                seen.add(character)\n", ""),),
        says=r"once|twice|duplicat|repeat|distinct|again|vocab",
        kind="omission",
    ),
    # ---- dataclass_post_init
    Mistake(
        name="mutable_default_dataclass",
        base="dataclass_post_init",
        edits=(
            (
                "lookup: dict = field(init=False, repr=False, default_factory=dict)",
                "lookup: dict = {}",
            ),
        ),
        says=r"mutable|default",
        kind="import",
    ),
    Mistake(
        name="decorator_forgotten_dataclass",
        base="dataclass_post_init",
        edits=(("@dataclass\n", ""),),
        says=r"TypeError|argument|dataclass|__init__",
        kind="omission",
    ),
    Mistake(
        name="post_init_misspelt_dataclass",
        base="dataclass_post_init",
        edits=(("    def __post_init__(self):\n", "    def post_init(self):\n"),),
        says=r"AttributeError|attribute|post_init|vocab",
        kind="raises",
    ),
    Mistake(
        name="size_is_length_of_text_dataclass",
        base="dataclass_post_init",
        edits=(("self.vocab_size = 3 + len(self.lookup)", "self.vocab_size = len(self.text)"),),
        says=SIZE,
    ),
    Mistake(
        name="text_stripped_dataclass",
        base="dataclass_post_init",
        edits=(("for symbol in self.text:", "for symbol in self.text.strip():"),),
        says=SPACE + "|vocab",
    ),
    Mistake(
        name="vocab_without_characters_dataclass",
        base="dataclass_post_init",
        edits=(("        self.vocab += self.lookup\n", ""),),
        says=r"vocab",
        kind="omission",
    ),
    Mistake(
        name="two_unknown_is_pad_and_bad_ids_skipped_dataclass",
        base="dataclass_post_init",
        edits=(
            ('if known else self.vocab.index("<unk>"))', "if known else 0)"),
            (
                '                raise ValueError("%r is no id of this tokenizer" % number)\n',
                "                continue\n",
            ),
        ),
        says=UNKNOWN + "|" + BAD_ID,
    ),
    # ---- numpy_arrays
    Mistake(
        name="encode_returns_array_numpy",
        base="numpy_arrays",
        edits=(
            (
                "return np.where(found, self.point_ids[place], UNKNOWN).tolist()",
                "return np.where(found, self.point_ids[place], UNKNOWN)",
            ),
        ),
        says=LIST + "|array",
    ),
    Mistake(
        name="order_of_code_points_numpy",
        base="numpy_arrays",
        edits=(("order = np.argsort(first_seen)", "order = np.argsort(self.points)"),),
        says=ORDER,
    ),
    Mistake(
        name="place_past_the_end_numpy",
        base="numpy_arrays",
        edits=(("        place = np.minimum(place, self.points.size - 1)\n", ""),),
        says=r"IndexError|out of bounds|" + UNKNOWN,
        kind="omission",
    ),
    Mistake(
        name="negative_ids_wrap_around_numpy",
        base="numpy_arrays",
        edits=(("if any(n < 0 or n >= self.vocab_size for", "if any(n >= self.vocab_size for"),),
        says=BAD_ID,
    ),
    Mistake(
        name="decode_of_nothing_is_float_numpy",
        base="numpy_arrays",
        edits=(("np.array(numbers, dtype=np.int64)", "np.array(numbers)"),),
        says=r"empty|nothing|\[\]|IndexError|integer",
        kind="raises",
    ),
    Mistake(
        name="two_unknown_is_zero_and_ids_from_zero_numpy",
        base="numpy_arrays",
        edits=(
            ("UNKNOWN = 1\n", "UNKNOWN = 0\n"),
            ("np.arange(3, self.vocab_size)", "np.arange(order.size)"),
        ),
        says=UNKNOWN + "|" + IDS,
    ),
    # ---- java_style
    Mistake(
        name="vocab_size_is_a_method_java",
        base="java_style",
        edits=(
            (
                "    @property\n    def vocab_size(self):\n",
                "    def vocab_size(self):\n",
            ),
        ),
        says=SIZE + "|method|property|int",
        kind="omission",
    ),
    Mistake(
        name="dictionary_shared_by_all_java",
        base="java_style",
        edits=(("        self.tokenToId = dict()\n", ""),),
        says=SHARED,
        kind="omission",
    ),
    Mistake(
        name="self_forgotten_java",
        base="java_style",
        edits=(("def getId(self, character: str)", "def getId(character: str)"),),
        says=r"self|argument|TypeError",
        kind="raises",
    ),
    Mistake(
        name="range_one_short_java",
        base="java_style",
        edits=(("range(0, len(text), 1)", "range(0, len(text) - 1, 1)"),),
        says=LOST,
    ),
    Mistake(
        name="decode_returns_builder_java",
        base="java_style",
        edits=(("return builder.getvalue()", "return builder"),),
        says=r"str|type|StringIO",
    ),
    Mistake(
        name="vocab_is_a_dict_java",
        base="java_style",
        edits=(
            (
                "def vocab(self):\n        return self.idToToken\n",
                "def vocab(self):\n        return self.tokenToId\n",
            ),
        ),
        says=LIST + "|dict",
    ),
    Mistake(
        name="or_for_and_java",
        base="java_style",
        edits=(("CharTokenizer.PAD_ID and tokenId", "CharTokenizer.PAD_ID or tokenId"),),
        says=BAD_ID + "|IndexError",
        kind="raises",
    ),
    # ---- functional_core
    Mistake(
        name="reduce_without_start_functional",
        base="functional_core",
        edits=(("reduce(with_char, text, ())", "reduce(with_char, text)"),),
        says=r"TypeError|concatenate|tuple|reduce|empty",
        kind="raises",
    ),
    Mistake(
        name="tuple_without_comma_functional",
        base="functional_core",
        edits=(("known + (char,)", "known + (char)"),),
        says=r"TypeError|concatenate|tuple",
        kind="raises",
    ),
    Mistake(
        name="comma_missing_between_specials_functional",
        base="functional_core",
        edits=(('"<unk>", "<eos>")', '"<unk>" "<eos>")'),),
        says=SPECIAL + "|vocab",
    ),
    Mistake(
        name="encode_returns_map_functional",
        base="functional_core",
        edits=(
            (
                "return list(map(lambda char: numbers.get(char, 1), text))",
                "return map(lambda char: numbers.get(char, 1), text)",
            ),
        ),
        says=LIST + "|map",
        also=("return to_ids(numbered(self.vocab), text)",),
    ),
    Mistake(
        name="dict_direction_functional",
        base="functional_core",
        edits=(("dict(zip(names, range(len(names))))", "dict(zip(range(len(names)), names))"),),
        says=IDS,
    ),
    Mistake(
        name="two_specials_last_and_bad_id_is_unk_functional",
        base="functional_core",
        edits=(
            ("chain(SPECIALS, distinct(text))", "chain(distinct(text), SPECIALS)"),
            (
                '        raise ValueError(f"there is no token {number}")\n',
                '        return "<unk>"\n',
            ),
        ),
        says=SPECIAL + "|" + ORDER + "|" + BAD_ID,
    ),
    # ---- while_indexes
    Mistake(
        name="search_never_moves_while",
        base="while_indexes",
        edits=(("            k += 1\n", ""),),
        says=HANG,
        kind="hangs",
        also=("while k < len(self.vocab):",),
    ),
    Mistake(
        name="constructor_never_ends_while",
        base="while_indexes",
        edits=(("            i += 1\n", ""),),
        says=HANG,
        kind="hangs",
        also=("while i < len(text):",),
    ),
    Mistake(
        name="iterator_has_no_len_while",
        base="while_indexes",
        edits=(("        ids = list(ids)\n", ""),),
        says=r"TypeError|len|iter|generator",
        kind="omission",
    ),
    Mistake(
        name="find_forgets_minus_one_while",
        base="while_indexes",
        edits=(("        return -1\n", ""),),
        says=r"vocab|None|char",
        kind="omission",
    ),
    Mistake(
        name="loop_stops_one_early_while",
        base="while_indexes",
        edits=(("while i < len(text):", "while i < len(text) - 1:"),),
        says=LOST,
    ),
    Mistake(
        name="two_unknown_is_zero_and_negative_ids_while",
        base="while_indexes",
        edits=(
            ("codes = [1] * len(text)", "codes = [0] * len(text)"),
            ("if ids[n] < 0 or ids[n] >= len(self.vocab):", "if ids[n] >= len(self.vocab):"),
        ),
        says=UNKNOWN + "|" + BAD_ID,
    ),
    Mistake(
        name="encode_lowers_the_text_while",
        base="while_indexes",
        edits=(
            (
                "        codes = [1] * len(text)\n",
                "        text = text.lower()\n        codes = [1] * len(text)\n",
            ),
        ),
        says=r"lower|upper|capital|case|" + UNKNOWN,
    ),
    # ---- base_class
    Mistake(
        name="super_init_forgotten_base",
        base="base_class",
        edits=(("        super().__init__(self.reserved)\n", ""),),
        says=r"AttributeError|attribute|super|_number",
        kind="omission",
    ),
    Mistake(
        name="words_instead_of_characters_base",
        base="base_class",
        edits=(("        for char in text:\n", "        for char in text.split():\n"),),
        says=r"char|word|split|vocab",
    ),
    Mistake(
        name="class_misspelt_base",
        base="base_class",
        edits=(("class CharTokenizer(Vocabulary):", "class CharTokeniser(Vocabulary):"),),
        says=r"CharTokenizer",
        kind="import",
    ),
    Mistake(
        name="unknown_becomes_none_base",
        base="base_class",
        edits=(("self._number.get(token, otherwise)", "self._number.get(token)"),),
        says=UNKNOWN + "|None",
    ),
    Mistake(
        name="size_without_specials_base",
        base="base_class",
        edits=(("return len(self._number)", "return len(self._number) - 3"),),
        says=SIZE,
    ),
    Mistake(
        name="two_sorted_and_specials_not_printed_base",
        base="base_class",
        edits=(
            ("        for char in text:\n", "        for char in sorted(text):\n"),
            (
                'return "".join(self.token_at(number) for number in ids)',
                'return "".join(self.token_at(number) for number in ids if number > 2)',
            ),
        ),
        says=ORDER + "|" + SPECIAL,
    ),
    # ---- fromkeys_terse
    Mistake(
        name="duplicates_in_vocab_terse",
        base="fromkeys_terse",
        edits=(("*dict.fromkeys(text)]", "*text]"),),
        says=r"once|twice|duplicat|repeat|distinct|again|vocab",
    ),
    Mistake(
        name="order_of_a_set_terse",
        base="fromkeys_terse",
        edits=(("*dict.fromkeys(text)]", "*set(text)]"),),
        says=ORDER,
    ),
    Mistake(
        name="iterator_used_up_terse",
        base="fromkeys_terse",
        edits=(("        ids = [*ids]\n", ""),),
        says=r"iter|generator|once|empty|used up|consum",
        kind="omission",
    ),
    Mistake(
        name="encode_appends_eos_terse",
        base="fromkeys_terse",
        edits=(
            (
                "return [self.ids.get(c, 1) for c in text]",
                "return [self.ids.get(c, 1) for c in text] + [2]",
            ),
        ),
        says=r"eos|extra|append|length|as many|one id|\b2\]|encode",
    ),
    Mistake(
        name="decode_skips_pad_terse",
        base="fromkeys_terse",
        edits=(
            (
                "self.vocab[i] for i in ids)",
                "self.vocab[i] for i in ids if i != 0)",
            ),
        ),
        says=SPECIAL,
    ),
    Mistake(
        name="encode_strips_the_text_terse",
        base="fromkeys_terse",
        edits=(
            (
                "        return [self.ids.get(c, 1) for c in text]\n",
                "        text = text.strip()\n        return [self.ids.get(c, 1) for c in text]\n",
            ),
        ),
        says=SPACE + "|encode",
    ),
    # ---- defaultdict_factory
    Mistake(
        name="factory_never_locked_defaultdict",
        base="defaultdict_factory",
        edits=(("        index.default_factory = None\n", ""),),
        says=UNKNOWN + "|KeyError",
        kind="omission",
        also=("answer.append(self.index[glyph])",),
    ),
    Mistake(
        name="wrong_exception_caught_defaultdict",
        base="defaultdict_factory",
        edits=(("            except KeyError:\n", "            except IndexError:\n"),),
        says=UNKNOWN + "|KeyError",
        kind="raises",
    ),
    Mistake(
        name="unknown_is_pad_defaultdict",
        base="defaultdict_factory",
        edits=(('self.index["<unk>"]', 'self.index["<pad>"]'),),
        says=UNKNOWN,
    ),
    Mistake(
        name="names_is_a_list_defaultdict",
        base="defaultdict_factory",
        edits=(("names = dict(enumerate(self.vocab))", "names = self.vocab"),),
        says=BAD_ID + "|IndexError",
        kind="raises",
    ),
    Mistake(
        name="bad_id_prints_unk_defaultdict",
        base="defaultdict_factory",
        edits=(("[names[number] for number", '[names.get(number, "<unk>") for number'),),
        says=BAD_ID,
    ),
    Mistake(
        name="ids_from_one_defaultdict",
        base="defaultdict_factory",
        edits=(
            (
                "index.default_factory = index.__len__",
                "index.default_factory = lambda: len(index) + 1",
            ),
        ),
        says=IDS,
    ),
    # ---- translate_table
    Mistake(
        name="unknown_deleted_translate",
        base="translate_table",
        edits=(("        return 1\n", "        return None\n"),),
        says=UNKNOWN,
    ),
    Mistake(
        name="codes_from_zero_translate",
        base="translate_table",
        edits=(("map(chr, range(3, self.vocab_size))", "map(chr, range(len(alphabet)))"),),
        says=IDS,
    ),
    Mistake(
        name="ids_are_strings_translate",
        base="translate_table",
        edits=(("[ord(c) for c in coded]", "[str(ord(c)) for c in coded]"),),
        says=r"int|str|type",
    ),
    Mistake(
        name="unknown_keeps_its_code_point_translate",
        base="translate_table",
        edits=(("Codebook(str.maketrans(alphabet, codes))", "str.maketrans(alphabet, codes)"),),
        says=UNKNOWN,
    ),
    Mistake(
        name="bad_ids_vanish_translate",
        base="translate_table",
        edits=(("self._names.get(number) for", 'self._names.get(number, "") for'),),
        says=BAD_ID,
    ),
    Mistake(
        name="two_last_appearance_and_join_with_space_translate",
        base="translate_table",
        edits=(
            ("if text.find(c) == n)", "if text.rfind(c) == n)"),
            ('return "".join(names)', 'return " ".join(names)'),
        ),
        says=ORDER + "|" + ROUND,
    ),
    # ---- list_index
    Mistake(
        name="class_list_shared_list_index",
        base="list_index",
        edits=(("self.special_tokens.copy()", "self.special_tokens"),),
        says=SHARED,
    ),
    Mistake(
        name="position_in_text_list_index",
        base="list_index",
        edits=(("tokens.append(self.vocab.index(ch))", "tokens.append(text.index(ch))"),),
        says=IDS,
    ),
    Mistake(
        name="return_inside_the_loop_list_index",
        base="list_index",
        edits=(("        return tokens\n", "            return tokens\n"),),
        says=r"one id|length|as many|first|return|None|encode",
    ),
    Mistake(
        name="colon_missing_list_index",
        base="list_index",
        edits=(
            (
                "        for ch in text:\n            try:\n",
                "        for ch in text\n            try:\n",
            ),
        ),
        says=r"SyntaxError|syntax|expected|':'|colon",
        kind="import",
    ),
    Mistake(
        name="index_error_list_index",
        base="list_index",
        edits=(("self.vocab[legal.index(token)]", "self.vocab[token]"),),
        says=BAD_ID + "|IndexError",
        kind="raises",
    ),
    Mistake(
        name="vocab_size_forgotten_list_index",
        base="list_index",
        edits=(("        self.vocab_size = len(self.vocab)\n", ""),),
        says=r"vocab_size|attribute",
        kind="omission",
    ),
    Mistake(
        name="typing_list_not_imported_list_index",
        base="list_index",
        edits=(("def encode(self, text: str) -> list:", "def encode(self, text: str) -> List:"),),
        says=r"NameError|List|import|defined",
        kind="import",
    ),
    # ---- special_enum
    Mistake(
        name="sorted_without_key_enum",
        base="special_enum",
        edits=(("sorted(set(text), key=text.index)", "sorted(set(text))"),),
        says=ORDER,
    ),
    Mistake(
        name="enumerate_from_zero_enum",
        base="special_enum",
        edits=(
            (
                "enumerate(self._characters, start=len(Special))",
                "enumerate(self._characters)",
            ),
        ),
        says=IDS,
    ),
    Mistake(
        name="size_without_specials_enum",
        base="special_enum",
        edits=(("return len(Special) + len(self._characters)", "return len(self._characters)"),),
        says=SIZE,
    ),
    Mistake(
        name="specials_print_as_nothing_enum",
        base="special_enum",
        edits=(("return Special(token_id).label()", 'return ""'),),
        says=SPECIAL,
    ),
    Mistake(
        name="decode_one_place_off_enum",
        base="special_enum",
        edits=(("index = token_id - len(Special)", "index = token_id - len(Special) - 1"),),
        says=ROUND,
    ),
    Mistake(
        name="special_names_in_capitals_enum",
        base="special_enum",
        edits=(("{self.name.lower()}", "{self.name}"),),
        says=SPECIAL,
    ),
    Mistake(
        name="two_unknown_is_pad_and_decode_lowers_enum",
        base="special_enum",
        edits=(
            ("Special.UNK.value", "Special.PAD.value"),
            ("return self._characters[index]\n", "return self._characters[index].lower()\n"),
        ),
        says=UNKNOWN + "|lower|upper|capital|case|" + ROUND,
    ),
]
