"""What once passed though it was wrong is refused, and what is right though unusual is not.

Each case changes a correct module in one idea. It must be caught by the fact that is meant for it.
"""

import pytest
from tutor.facts.lab import Lab
from tutor.running import module, source
from tutor.running.child import load_check

from mini_gpt.loops import loop_with
from mini_gpt.paths import ROOT
from tests.running import failure_on, modules_as_before

JOIN = '        return "".join(tokens)'
LOOK_UP = "return [self.id_of.get(character, unknown) for character in text]"
ATTENTION = "x = x + self.attention(self.norm_1(x))"
CALLED = "causal_attention(q, k, v)"
ALL_BLOCKS = "            x = block(x)\n"
NANO_BLOCKS = "            x = block(x)\n        x = self.transformer.ln_f(x)\n"
NANO_PLACES = "pos = torch.arange(0, t, dtype=torch.long, device=idx.device)"
SIZES = "n_head: int = 4,\n        n_layer: int = 2,"

WRONG_TOKENIZERS = {
    "mends_punctuation": (
        ("reference", JOIN, '        return "".join(tokens).replace(" ,", ",").replace(" .", ".")'),
        "Decoding what was encoded",
    ),
    "two_spaces_become_one": (
        ("reference", JOIN, '        return "".join(tokens).replace("  ", " ")'),
        "Decoding what was encoded",
    ),
    "strips_line_ends": (
        ("reference", JOIN, '        return "".join(tokens).strip("\\r\\n")'),
        "Decoding what was encoded",
    ),
    "calls_itself_for_each_character": (
        (
            "reference",
            LOOK_UP,
            "return [self.id_of.get(text[0], 1), *self.encode(text[1:])] if text else []",
        ),
        "A long text is no different",
    ),
    "no_size_for_an_empty_text": (
        (
            "reference",
            "self.vocab_size = len(self.vocab)",
            "self.vocab_size = text and 3 + len(set(text))",
        ),
        "The vocabulary size counts",
    ),
    "one_size_for_all": (
        ("reference", "self.vocab_size = len", "CharTokenizer.vocab_size = len"),
        "Every tokenizer has a vocabulary",
    ),
    "digits_are_added_when_they_come": (
        (
            "reference",
            LOOK_UP,
            "self.vocab += [c for c in text if c.isdigit()]\n        " + LOOK_UP,
        ),
        "A character that it has never seen",
    ),
    "unknown_ones_in_a_row_become_one": (
        ("reference", JOIN, '        return "".join(tokens).replace("<unk><unk>", "<unk>")'),
        "Special tokens",
    ),
}

WRONG_TRANSFORMERS = {
    "mask_of_64_tokens": (
        ("reference", ".triu(diagonal=1)\n", ".triu(1)\n    future[:, 64:] = False\n"),
        "However large the scores are",
    ),
    "sum_doubled_beside_the_skip": (
        ("reference", ATTENTION, ATTENTION + "\n        x = x + x"),
        "Block adds",
    ),
    "x_plus_x": (
        ("reference", ATTENTION, "x = self.attention(self.norm_1(x))\n        x = x + x"),
        "Block adds",
    ),
    "norm_1_forgotten": (("reference", "self.norm_1(x)", "x"), "Block adds"),
    "output_forgotten": (("reference", "self.output(mixed)", "mixed"), "SelfAttention cuts"),
    "scaled_twice": (("reference", CALLED, "causal_attention(q / 2, k, v)"), "SelfAttention cuts"),
    "last_norm_in_the_loop": (
        ("reference", ALL_BLOCKS, "            x = self.norm(block(x))\n"),
        "The whole model",
    ),
    "last_norm_in_the_loop_other_names": (
        ("nano_gpt", NANO_BLOCKS, "            x = self.transformer.ln_f(block(x))\n"),
        "The whole model",
    ),
    "token_times_position": (
        ("reference", "(ids) + self.position", "(ids) * self.position"),
        "The whole model",
    ),
    "token_times_position_other_names": (
        ("nano_gpt", "wte(idx) + self", "wte(idx) * self"),
        "The whole model",
    ),
    "x_plus_block": (
        ("reference", ALL_BLOCKS, "            x = x + block(x)\n"),
        "The whole model",
    ),
    "x_plus_block_other_names": (
        ("nano_gpt", "            x = block(x)\n", "            x = x + block(x)\n"),
        "The whole model",
    ),
    "sum_doubled_other_names": (
        (
            "nano_gpt",
            "        x = x + self.mlp(self.ln_2(x))\n",
            "        x = x + self.mlp(self.ln_2(x))\n        x = x + x\n",
        ),
        "The whole model",
    ),
    "scaled_twice_other_names": (
        ("nano_gpt", "y, _ = " + CALLED, "y, _ = causal_attention(q / 2, k, v)"),
        "The whole model",
    ),
    "positions_backwards": (
        (
            "reference",
            "torch.arange(T, device=ids.device)",
            "torch.arange(T - 1, -1, -1, device=ids.device)",
        ),
        "The same beginning",
    ),
    "positions_backwards_other_names": (
        ("nano_gpt", NANO_PLACES, "pos = torch.arange(t, device=idx.device).flip(0)"),
        "The same beginning",
    ),
    "mask_of_10000": (("reference", 'float("-inf")', "-1e4"), "However large the scores"),
    "one_config_for_all": (
        ("reference", "self.config = {", "MiniGPT.config = {"),
        "config holds the five sizes",
    ),
    "config_grows": (
        ("reference", "T = ids.shape[1]", "T = self.config[ids] = ids.shape[1]"),
        "The same ids give the same output",
    ),
    "sizes_in_another_order": (
        ("reference", SIZES, "n_layer: int = 2,\n        n_head: int = 4,"),
        "config holds the five sizes",
    ),
}

WRONG_LATE = {
    "places_end_at_64": (
        "transformer",
        ("reference", "torch.arange(T, device=ids.device)", "torch.arange(T).clamp(max=63)"),
        "Every parameter gets its gradient, and nothing of it is held back",
    ),
    "blind_to_what_made_its_input": (
        "transformer",
        ("reference", "self.norm_1(x)", "self.norm_1(x.detach())"),
        "Every parameter gets its gradient, and nothing of it is held back",
    ),
    "hides_for_120_tokens": (
        "transformer",
        ("reference", "triu(diagonal=1)", "triu(diagonal=1) & (torch.arange(T) < 120)"),
        "However large the scores",
    ),
    "one_number_in_each_head": (
        "transformer",
        ("reference", "return weights @ v, weights", "return (weights @ v).squeeze(-1), weights"),
        "causal_attention returns one vector",
    ),
    "sizes_that_are_no_whole_numbers": (
        "transformer",
        ("reference", '"n_head": n_head', '"n_head": float(n_head)'),
        "config holds the five sizes",
    ),
    "one_maximum_for_all_rows": (
        "transformer",
        (
            "reference",
            "torch.softmax(scores, dim=-1)",
            "(w := (scores - scores.max()).exp()) / w.sum(-1, keepdim=True)",
        ),
        "The weights that a token gives away",
    ),
    "never_colder_than_a_millionth": (
        "sampler",
        ("reference", "if temperature == 0:", "if (temperature := temperature or 1e-6) == 0:"),
        "Temperature 0 takes the best",
    ),
    "learns_for_60_steps": (
        "trainer",
        ("reference", "            optimizer.step()", "            step > 60 or optimizer.step()"),
        "The model learns what comes next",
    ),
    "never_bolder_than_2": (
        "sampler",
        ("reference", "logits / temperature", "logits / min(temperature, 2)"),
        "The temperature divides the scores",
    ),
    "never_colder_than_a_tenth": (
        "sampler",
        ("reference", "logits / temperature", "logits / max(temperature, 0.1)"),
        "The temperature divides the scores",
    ),
    "no_score_below_0": (
        "sampler",
        ("reference", "logits.argmax(", "logits.clamp(min=0).argmax("),
        "Temperature 0 takes the best",
    ),
    "tells_whoever_was_told_before": (
        "trainer",
        (
            "reference",
            "            if on_step is not None:\n                on_step(",
            "            train.told = getattr(train, 'told', set()) | {on_step} - {None}\n"
            "            for tell in train.told:\n                tell(",
        ),
        "train returns the loss of each step",
    ),
}
"""What is right at first, in the middle, or for most numbers."""

RIGHT_TRANSFORMERS = {
    "mask_of_a_billion": ("reference", 'float("-inf")', "-1e9"),
    "keys_before_queries": ("reference", "q, k, v = self.qkv(x)", "k, q, v = self.qkv(x)"),
    "rows_times_the_root": (
        "reference",
        "self.token_embedding(ids) +",
        "self.norm.bias.numel() ** 0.5 * self.token_embedding(ids) +",
    ),
    "mask_handed_over": (
        "reference",
        CALLED + "\n",
        "causal_attention(q, k, v, torch.ones(T, T).tril())\n",
        "k: Tensor, v: Tensor)",
        "k: Tensor, v: Tensor, mask: Tensor | None = None)",
    ),
    "long_texts_not_refused": ("reference", 'if T > self.config["block_size"]:', "if False:"),
}

UNUSED = {
    "norm_1_twice": (
        ("reference", "self.norm_2(x)", "self.norm_1(x)"),
        "`norm_2` is made in Block.__init__ and never used in Block.forward; "
        "`norm_1` is used twice",
    ),
    "no_mlp": (
        ("reference", "return x + self.mlp(self.norm_2(x))", "return x"),
        "each of `norm_2`, `mlp` is made in Block.__init__ and never used in Block.forward",
    ),
    "one_linear_for_two": (
        ("raschka", "keys = self.W_key(x)", "keys = self.W_query(x)"),
        "`W_key` is made in MultiHeadAttention.__init__ and never used in "
        "MultiHeadAttention.forward; `W_query` is used twice",
    ),
    "first_block_only": (
        ("reference", ALL_BLOCKS, "            x = self.blocks[0](x)\n"),
        "`blocks[1]` of MiniGPT is never used; `blocks[0]` is used twice",
    ),
    "output_lost": (
        ("reference", "return self.output(mixed)", "self.output(mixed)\n        return mixed"),
        "`output` of SelfAttention is called, but what comes out is lost",
    ),
}


def changed(name, change, folder):
    """Write a correct module with one change to a file, and return it."""
    loop = loop_with(name)
    base, *pairs = change
    file = ROOT / "tests" / "modules" / loop.stem / "right" / f"{base}.py"
    if base == "reference":
        file = ROOT / "scaffolds" / "reference" / f"{name}.py"
    text = file.read_text(encoding="utf-8")
    for old, new in zip(pairs[::2], pairs[1::2]):
        assert text.count(old) == 1
        text = text.replace(old, new)
    target = folder / "module.py"
    target.write_text(text, encoding="utf-8")
    return target


@pytest.mark.parametrize("case", WRONG_TOKENIZERS)
def test_wrong_tokenizer(case, tmp_path):
    """A tokenizer that loses something is caught by the fact that speaks of it."""
    change, title = WRONG_TOKENIZERS[case]
    failure = failure_on(loop_with("tokenizer"), changed("tokenizer", change, tmp_path))
    assert failure is not None and failure.title.startswith(title)


@pytest.mark.parametrize("case", WRONG_TRANSFORMERS)
def test_wrong_transformer(case, tmp_path):
    """A model that learns a little worse is caught, whatever its parts are called."""
    change, title = WRONG_TRANSFORMERS[case]
    failure = failure_on(loop_with("transformer"), changed("transformer", change, tmp_path))
    assert failure is not None and failure.title.startswith(title)


@pytest.mark.parametrize("case", WRONG_LATE)
def test_wrong_only_late(case, tmp_path):
    """A mistake is caught in a long text, after many steps, and at the ends of a range."""
    name, change, title = WRONG_LATE[case]
    failure = failure_on(loop_with(name), changed(name, change, tmp_path))
    assert failure is not None and failure.title.startswith(title)


@pytest.mark.parametrize("case", RIGHT_TRANSFORMERS)
def test_right_transformer(case, tmp_path):
    """What the contract leaves free is free."""
    file = changed("transformer", RIGHT_TRANSFORMERS[case], tmp_path)
    assert failure_on(loop_with("transformer"), file) is None


@pytest.mark.parametrize("case", UNUSED)
def test_unused_layers_are_named(case, tmp_path):
    """A layer that is made and never used is named, and what is used in its place."""
    change, likely = UNUSED[case]
    failure = failure_on(loop_with("transformer"), changed("transformer", change, tmp_path))
    assert failure.problem.likely == likely


def test_missing_refusal_is_a_remark(tmp_path):
    """A text that is too long need not be refused, but the check says what the recipe asks for."""
    loop = loop_with("transformer")
    file = changed("transformer", RIGHT_TRANSFORMERS["long_texts_not_refused"], tmp_path)
    check = load_check(ROOT / "checks" / f"{loop.stem}_test.py")
    with modules_as_before():
        lab = Lab(module.run("mini_gpt.transformer", source.read(file)))
        check.test_output_shape(lab)
        check.test_config(lab)
    assert lab.remarks == [
        "A text longer than block_size ends with IndexError; the recipe asks for a ValueError."
    ]
