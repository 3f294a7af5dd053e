"""Wrong samplers in four styles on which nothing was tuned."""

from tests.mistakes import Mistake

CROP = r"crop|block_size|window|context|last .* tokens|longest|T must be"
TEMPERATURE = r"temperature|divid|bold|safe"
TOP_K = r"top_k|top-k|best|largest|highest"
DRAW = r"draw|drawn|softmax|probabilit|odds|temperature"
MODE = r"eval|mode|restor"
WORDS = r"generate_words|words|prompt|space"

MISTAKES = [
    # lets_reproduce_gpt2
    Mistake(
        name="max_length_holds_only_the_new_lets_reproduce_gpt2",
        base="lets_reproduce_gpt2",
        edits=(("max_length = ids.size(1) + max_new_tokens", "max_length = max_new_tokens"),),
        says=r"max_new_tokens|shape|long|new (ids|tokens)|prompt|appended|more",
        also=("while xgen.size(1) < max_length:",),
    ),
    Mistake(
        name="always_the_best_fifty_lets_reproduce_gpt2",
        base="lets_reproduce_gpt2",
        edits=(("torch.topk(probs, k, dim=-1)", "torch.topk(probs, 50, dim=-1)"),),
        says=TOP_K + r"|out of range|index k|topk",
        kind="raises",
    ),
    Mistake(
        name="tokens_counted_for_words_lets_reproduce_gpt2",
        base="lets_reproduce_gpt2",
        edits=(("start = len(tokenizer.decode(tokens).split())", "start = len(tokens)"),),
        says=WORDS,
    ),
    Mistake(
        name="softmax_over_the_batch_lets_reproduce_gpt2",
        base="lets_reproduce_gpt2",
        edits=(
            ("F.softmax(logits / temperature, dim=-1)", "F.softmax(logits / temperature, dim=0)"),
        ),
        says=DRAW + r"|dim",
    ),
    Mistake(
        name="eval_forgotten_and_generator_unused_lets_reproduce_gpt2",
        base="lets_reproduce_gpt2",
        edits=(
            ("    model.eval()\n", ""),
            (
                "torch.multinomial(topk_probs, 1, generator=generator)",
                "torch.multinomial(topk_probs, 1)",
            ),
        ),
        says=MODE + r"|generator|seed|random",
        kind="omission",
    ),
    # openai_gpt2_sample_port
    Mistake(
        name="zero_means_no_truncation_openai_gpt2_sample_port",
        base="openai_gpt2_sample_port",
        edits=(("if k is None:", "if k == 0:"),),
        says=r"None|TypeError|top_k|not supported",
        kind="raises",
        also=(
            "values, _ = torch.topk(logits, min(k, logits.shape[-1]))",
            "logits = top_k_logits(logits, k=top_k)",
            "top_k=top_k,",
        ),
    ),
    Mistake(
        name="minus_sign_in_the_exponent_openai_gpt2_sample_port",
        base="openai_gpt2_sample_port",
        edits=(("* -1e10,", "* 1e-10,"),),
        says=TOP_K + r"|inf",
    ),
    Mistake(
        name="first_context_not_cropped_openai_gpt2_sample_port",
        base="openai_gpt2_sample_port",
        edits=(("loop_vars = (context[:, -n_ctx:], context)", "loop_vars = (context, context)"),),
        says=CROP,
        kind="raises",
        also=("logits = step(prev)[:, -1, :]", "step=model,"),
    ),
    Mistake(
        name="top_k_not_handed_on_openai_gpt2_sample_port",
        base="openai_gpt2_sample_port",
        edits=(("        top_k=top_k,\n", ""),),
        says=TOP_K,
        kind="omission",
    ),
    Mistake(
        name="prompt_cut_off_the_text_openai_gpt2_sample_port",
        base="openai_gpt2_sample_port",
        edits=(
            (
                "text = tokenizer.decode(out[0].tolist())",
                "text = tokenizer.decode(out[0, len(context_tokens):].tolist())",
            ),
        ),
        says=WORDS,
    ),
    # svenska_variabler
    Mistake(
        name="only_the_worst_k_hidden_svenska_variabler",
        base="svenska_variabler",
        edits=(("bort = ordning[top_k:]", "bort = ordning[-top_k:]"),),
        says=TOP_K,
    ),
    Mistake(
        name="best_of_all_positions_svenska_variabler",
        base="svenska_variabler",
        edits=(("nytt_id = torch.argmax(poang)", "nytt_id = torch.argmax(alla_poang)"),),
        says=r"argmax|highest|best|index|position|greedy|temperature 0|range",
    ),
    Mistake(
        name="temperature_never_used_svenska_variabler",
        base="svenska_variabler",
        edits=(("                poang = poang / temperature\n", ""),),
        says=TEMPERATURE,
        kind="omission",
        also=("sannolikhet = torch.softmax(poang, dim=0)",),
    ),
    Mistake(
        name="method_noted_as_the_mode_svenska_variabler",
        base="svenska_variabler",
        edits=(("gammalt_lage = model.training", "gammalt_lage = model.train"),),
        says=MODE,
    ),
    Mistake(
        name="words_subtracted_backwards_and_other_text_looked_at_svenska_variabler",
        base="svenska_variabler",
        edits=(
            ("nya_ord = alla_ord - ord_i_borjan", "nya_ord = ord_i_borjan - alla_ord"),
            ("synligt = resultat[:, start:langd]", "synligt = ids[:, start:langd]"),
        ),
        says=WORDS + r"|new|previous|prompt|last|grow|same|anew|each time",
    ),
    # chat_private_helpers
    Mistake(
        name="not_forgotten_before_keep_chat_private_helpers",
        base="chat_private_helpers",
        edits=(("logits.masked_fill(~keep,", "logits.masked_fill(keep,"),),
        says=TOP_K,
    ),
    Mistake(
        name="scatter_without_underscore_chat_private_helpers",
        base="chat_private_helpers",
        edits=(("keep.scatter_(", "keep.scatter("),),
        says=TOP_K + r"|nan|inf|probability tensor|scatter",
        kind="raises",
    ),
    Mistake(
        name="prompt_eats_up_the_limit_chat_private_helpers",
        base="chat_private_helpers",
        edits=(
            (
                "max_length = ids.size(1) + _MAX_CHARS_PER_WORD * n_words",
                "max_length = _MAX_CHARS_PER_WORD * n_words",
            ),
        ),
        says=WORDS,
        also=("while ids.size(1) < max_length and not _is_finished(text, target_word_count):",),
    ),
    Mistake(
        name="space_stripped_before_looking_chat_private_helpers",
        base="chat_private_helpers",
        edits=(("tokenizer.decode(ids[0].tolist())", "tokenizer.decode(ids[0].tolist()).strip()"),),
        says=WORDS,
    ),
    Mistake(
        name="text_not_read_after_the_draw_chat_private_helpers",
        base="chat_private_helpers",
        edits=(("        text = tokenizer.decode(ids[0].tolist())\n", ""),),
        says=WORDS,
        kind="omission",
    ),
]
