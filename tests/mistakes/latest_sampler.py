"""Wrong samplers in the latest four styles: first measured, then tuned on."""

from tests.mistakes import Mistake

SHAPE = r"shape|new tokens behind|prompt back|size|expand|index"
GREEDY = r"temperature 0|best token|greedy|argmax|zero|divi|nan"
CROP = r"crop|block_size|sees|context|nothing of the text|cut|last"
TEMPERATURE = r"temperature|divid|softmax|shares|draw"
TOP_K = r"top_k|best|threshold|largest|shares|kept"
GENERATOR = r"generator|same ids|different ids|text|random"
MODE = r"eval|train|mode|restor"
GRADIENTS = r"grad"
REFUSAL = r"refus|ValueError|below|nan|accept"
WORDS = r"word|prompt|text|continu|space"

MISTAKES = [
    # lucidrains_helpers
    Mistake(
        name="gradients_kept_lucidrains",
        base="lucidrains_helpers",
        edits=(("@torch.no_grad()\n", ""),),
        says=GRADIENTS,
        kind="omission",
        also=(
            "def generate(model, ids, max_new_tokens, temperature=1.0, "
            "top_k=None, generator=None):",
            "return autoregress(model, ids.clone(), max_new_tokens, temperature, top_k, generator)",
            "def autoregress(model, out, seq_len, temperature, top_k, generator):",
            "logits = model(x)[:, -1]",
            "return fn(model, *args, **kwargs)",
        ),
    ),
    Mistake(
        name="noise_without_generator_lucidrains",
        base="lucidrains_helpers",
        edits=(
            (
                "sample = gumbel_sample(logits, temperature, generator=generator)",
                "sample = gumbel_sample(logits, temperature)",
            ),
        ),
        says=GENERATOR,
    ),
    Mistake(
        name="scatter_without_underscore_lucidrains",
        base="lucidrains_helpers",
        edits=(("probs.scatter_(-1, ind, val)", "probs.scatter(-1, ind, val)"),),
        says=TOP_K + r"|scatter",
    ),
    Mistake(
        name="temperature_zero_not_guarded_lucidrains",
        base="lucidrains_helpers",
        edits=(("t = t / max(temperature, 1e-10)", "t = t / temperature"),),
        says=GREEDY,
        also=(
            "sample = gumbel_sample(logits, temperature, generator=generator)",
            "return autoregress(model, ids.clone(), max_new_tokens, temperature, top_k, generator)",
        ),
    ),
    Mistake(
        name="last_word_only_begun_lucidrains",
        base="lucidrains_helpers",
        edits=(
            (
                "return len(text.split()) >= goal and text[-1:].isspace()",
                "return len(text.split()) >= goal",
            ),
        ),
        says=WORDS,
        also=("while budget > 0 and not has_words(text, goal):",),
    ),
    # chat_numbered_steps
    Mistake(
        name="nan_not_refused_chat_numbered",
        base="chat_numbered_steps",
        edits=(("if math.isnan(temperature) or temperature < 0:", "if temperature < 0:"),),
        says=REFUSAL,
    ),
    Mistake(
        name="threshold_from_last_row_chat_numbered",
        base="chat_numbered_steps",
        edits=(
            ("torch.topk(next_logits, k).values[:, -1:]", "torch.topk(next_logits, k).values[-1]"),
        ),
        says=TOP_K + r"|size|match",
        kind="raises",
        also=(
            "next_logits < threshold,",
            "next_logits = torch.where(",
        ),
    ),
    Mistake(
        name="new_id_joins_context_chat_numbered",
        base="chat_numbered_steps",
        edits=(("torch.cat([generated, next_id], dim=1)", "torch.cat([context, next_id], dim=1)"),),
        says=CROP,
    ),
    Mistake(
        name="top_k_zero_accepted_and_words_without_generator_chat_numbered",
        base="chat_numbered_steps",
        edits=(
            ("top_k < 1:", "top_k < 0:"),
            (
                "            temperature=temperature,\n            generator=generator,\n",
                "            temperature=temperature,\n",
            ),
        ),
        says=REFUSAL + r"|top_k|generator",
    ),
    Mistake(
        name="prompt_as_typed_before_continuation_chat_numbered",
        base="chat_numbered_steps",
        edits=(
            (
                "    return tokenizer.decode(token_ids)\n",
                "    return prompt + tokenizer.decode(token_ids[len(prompt) :])\n",
            ),
        ),
        says=WORDS + r"|unk",
    ),
    # italiano_lista
    Mistake(
        name="softmax_then_divided_italiano",
        base="italiano_lista",
        edits=(
            (
                "torch.softmax(punteggi / temperature, dim=0)",
                "torch.softmax(punteggi, dim=0) / temperature",
            ),
        ),
        says=TEMPERATURE,
        also=("estratto = torch.multinomial(probabilita, 1, generator=generator)",),
    ),
    Mistake(
        name="colon_of_slice_forgotten_italiano",
        base="italiano_lista",
        edits=(("sequenza[-lunghezza:]", "sequenza[-lunghezza]"),),
        says=SHAPE + r"|range|raise",
        kind="raises",
    ),
    Mistake(
        name="split_at_each_space_italiano",
        base="italiano_lista",
        edits=(
            (
                "parole_nuove = len(testo.split()) - parole_iniziali",
                'parole_nuove = len(testo.split(" ")) - parole_iniziali',
            ),
        ),
        says=WORDS,
        also=('if testo[-1] == " " and parole_nuove >= n_words:',),
    ),
    Mistake(
        name="last_code_not_kept_italiano",
        base="italiano_lista",
        edits=(("        codici.append(ultimo)\n", ""),),
        says=WORDS,
        kind="omission",
    ),
    Mistake(
        name="threshold_counted_from_one_italiano",
        base="italiano_lista",
        edits=(("soglia = ordinati[top_k - 1]", "soglia = ordinati[top_k]"),),
        says=TOP_K,
        also=("if punteggi[i] < soglia:",),
    ),
    # llama2_c_port
    Mistake(
        name="prompt_not_copied_llama2_c",
        base="llama2_c_port",
        edits=(("    tokens[:, :num_prompt_tokens] = ids\n", ""),),
        says=SHAPE + r"|first three",
        kind="omission",
        also=("tokens = torch.zeros((1, steps), dtype=torch.int64)",),
    ),
    Mistake(
        name="coin_not_rescaled_llama2_c",
        base="llama2_c_port",
        edits=(("r = coin * cumulative", "r = coin"),),
        says=TOP_K,
        also=("if r < acc:", "acc += probabilities[i]"),
    ),
    Mistake(
        name="steps_without_prompt_llama2_c",
        base="llama2_c_port",
        edits=(("steps = num_prompt_tokens + max_new_tokens", "steps = max_new_tokens"),),
        says=SHAPE,
        kind="raises",
    ),
    Mistake(
        name="in_word_not_updated_llama2_c",
        base="llama2_c_port",
        edits=(('        in_word = piece != " "\n', ""),),
        says=WORDS,
        kind="omission",
    ),
    Mistake(
        name="cdf_replaced_and_train_mode_at_end_llama2_c",
        base="llama2_c_port",
        edits=(
            ("cdf += probabilities[i]", "cdf = probabilities[i]"),
            ("model.train(was_training)", "model.train()"),
        ),
        says=TEMPERATURE + "|" + MODE,
        also=("if coin < cdf:",),
    ),
]
