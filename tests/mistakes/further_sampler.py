"""Wrong samplers in four further styles: first measured, then tuned on."""

from tests.mistakes import Mistake

CROP = r"crop|block_size|window|context|last .* tokens|longest|shown"
TEMPERATURE = r"temperature|divid|multipl|bold|safe"
TOP_K = r"top_k|best|largest|highest"
MODE = r"eval|mode|restor|dropout"
WORDS = r"word|space|split"

MISTAKES = [
    # practical_pytorch_2017
    Mistake(
        name="exp_forgotten_practical_pytorch_2017",
        base="practical_pytorch_2017",
        edits=(
            (".sub(output.max()).div(temperature).exp()", ".sub(output.max()).div(temperature)"),
        ),
        says=r"softmax|exp|probabilit|negative|multinomial|odds|element < 0",
        kind="raises",
    ),
    Mistake(
        name="all_positions_flattened_practical_pytorch_2017",
        base="practical_pytorch_2017",
        edits=(("output = model(context)[:, -1]", "output = model(context)"),),
        says=r"last|position|vocabulary|range|highest|\bids?\b",
        also=("output = output.view(-1)",),
    ),
    Mistake(
        name="n_words_characters_added_practical_pytorch_2017",
        base="practical_pytorch_2017",
        edits=(("for p in range(MAX_WORD_LEN * n_words):", "for p in range(n_words):"),),
        says=WORDS + r"|character",
    ),
    Mistake(
        name="eval_forgotten_practical_pytorch_2017",
        base="practical_pytorch_2017",
        edits=(("    model.eval()\n", ""),),
        says=MODE,
        kind="omission",
    ),
    Mistake(
        name="generator_not_used_and_nan_accepted_practical_pytorch_2017",
        base="practical_pytorch_2017",
        edits=(
            (
                "torch.multinomial(output_dist, 1, generator=generator)",
                "torch.multinomial(output_dist, 1)",
            ),
            ("if not temperature >= 0:", "if temperature < 0:"),
        ),
        says=r"generator|seed|same|nan|ValueError|refus",
    ),
    # polska_studentka
    Mistake(
        name="batch_dimension_forgotten_polska_studentka",
        base="polska_studentka",
        edits=(("wejscie = torch.tensor([ostatnie])", "wejscie = torch.tensor(ostatnie)"),),
        says=r"shape|batch|dimension|unpack|\(1, T\)|index|1-D|indices",
        kind="raises",
        also=("wyjscie = model(wejscie)", "ostatnie = lista[-okno:]"),
    ),
    Mistake(
        name="step_not_counted_polska_studentka",
        base="polska_studentka",
        edits=(("            krok = krok + 1\n", ""),),
        says=r"loop|end|second|stop|finish|forever",
        kind="hangs",
        also=("while krok < max_new_tokens:", "lista.append(nowy)"),
    ),
    Mistake(
        name="threshold_one_too_low_polska_studentka",
        base="polska_studentka",
        edits=(("prog = posortowane[ile - 1]", "prog = posortowane[ile]"),),
        says=TOP_K + r"|index",
        also=("ile = min(ile_najlepszych, liczba_znakow)",),
    ),
    Mistake(
        name="temperature_forgotten_polska_studentka",
        base="polska_studentka",
        edits=(("    wynik = wynik / temperatura\n", ""),),
        says=TEMPERATURE,
        kind="omission",
        also=("szanse = torch.softmax(wynik, dim=0)",),
    ),
    Mistake(
        name="one_word_too_many_polska_studentka",
        base="polska_studentka",
        edits=(("nowe_slowa >= n_words:", "nowe_slowa > n_words:"),),
        says=WORDS,
    ),
    # meta_llama_2023
    Mistake(
        name="rank_returned_for_id_meta_llama_2023",
        base="meta_llama_2023",
        edits=(("    next_token = torch.gather(probs_idx, -1, next_token)\n", ""),),
        says=TOP_K + r"|softmax|odds|likely|often|probabilit|distribution|drawn|sort|\bids?\b",
        kind="omission",
        also=(
            "next_token = torch.multinomial(probs_sort, num_samples=1, generator=generator)",
            "return next_token",
        ),
    ),
    Mistake(
        name="top_k_cuts_the_batch_meta_llama_2023",
        base="meta_llama_2023",
        edits=(("probs_sort[:, k:] = 0.0", "probs_sort[k:] = 0.0"),),
        says=TOP_K,
    ),
    Mistake(
        name="last_token_only_as_with_a_cache_meta_llama_2023",
        base="meta_llama_2023",
        edits=(('prev_pos = max(0, cur_pos - params["block_size"])', "prev_pos = cur_pos - 1"),),
        says=CROP + r"|position|earlier|whole|prompt",
        also=("logits = self.model(tokens[:, prev_pos:cur_pos])",),
    ),
    Mistake(
        name="prompt_not_returned_meta_llama_2023",
        base="meta_llama_2023",
        edits=(("        return completion\n", "        return completion[len(prompt) :]\n"),),
        says=r"prompt|begin|start|decode",
    ),
    Mistake(
        name="top_k_zero_and_fixed_temperature_meta_llama_2023",
        base="meta_llama_2023",
        edits=(
            ("if top_k is not None and top_k < 1:", "if top_k is not None and top_k < 0:"),
            (
                "return llm.text_completion(prompt, n_words, temperature, generator)",
                "return llm.text_completion(prompt, n_words, 0.8, generator)",
            ),
        ),
        says=r"top_k|ValueError|refus|temperature|pass",
    ),
    # match_walrus_310
    Mistake(
        name="temperature_zero_refused_match_walrus_310",
        base="match_walrus_310",
        edits=(("math.isnan(t) or t < 0:", "math.isnan(t) or t <= 0:"),),
        says=r"temperature|ValueError|highest|greedy",
    ),
    Mistake(
        name="scatter_arguments_swapped_match_walrus_310",
        base="match_walrus_310",
        edits=(
            (
                ".scatter(-1, best.indices, best.values)",
                ".scatter(-1, best.values, best.indices)",
            ),
        ),
        says=r"scatter|index|int64|dtype|top_k",
        kind="raises",
    ),
    Mistake(
        name="train_mode_at_the_end_match_walrus_310",
        base="match_walrus_310",
        edits=(("model.train(was_training)", "model.train()"),),
        says=MODE,
    ),
    Mistake(
        name="text_not_read_again_match_walrus_310",
        base="match_walrus_310",
        edits=(("        text = tokenizer.decode(ids[0].tolist())\n", ""),),
        says=WORDS + r"|prompt|decode|continu",
        kind="omission",
    ),
    Mistake(
        name="stops_as_last_word_begins_match_walrus_310",
        base="match_walrus_310",
        edits=(
            ('not (len(text.split()) >= goal and text[-1] == " "):', "len(text.split()) < goal:"),
        ),
        says=WORDS + r"|letter|cut|complete",
    ),
]
