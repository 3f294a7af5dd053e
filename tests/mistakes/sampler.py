"""Wrong samplers: what learners and LLMs get wrong in `generate` and `generate_words`."""

from tests.mistakes import Mistake

MISTAKES = [
    # nanogpt_style: a correct module in the manner of the lecture, and what its followers change
    Mistake(
        "first_position_instead_of_last",
        "nanogpt_style",
        (("model(idx_cond)[:, -1, :]", "model(idx_cond)[:, 0, :]"),),
        r"last|-1|position|greedy|next",
    ),
    Mistake(
        "oldest_context_kept",
        "nanogpt_style",
        (('ids[:, -model.config["block_size"] :]', 'ids[:, : model.config["block_size"]]'),),
        r"block_size|context|crop|last|window",
        also=("logits = model(idx_cond)[:, -1, :]",),
    ),
    Mistake(
        "temperature_multiplied",
        "nanogpt_style",
        (("logits = logits / temperature", "logits = logits * temperature"),),
        r"temperature",
    ),
    Mistake(
        "eval_forgotten",
        "nanogpt_style",
        (("    model.eval()\n", ""),),
        r"eval|dropout|mode",
        kind="omission",
    ),
    Mistake(
        "threshold_is_the_best_score",
        "nanogpt_style",
        (("logits < v[:, [-1]]", "logits < v[:, [0]]"),),
        r"top_k|top-k|likel|candidate",
    ),
    Mistake(
        "no_grad_decorator_forgotten",
        "nanogpt_style",
        (("@torch.no_grad()\n", ""),),
        r"grad",
        kind="omission",
    ),
    Mistake(
        "words_without_the_generator",
        "nanogpt_style",
        (
            (
                "generate(model, ids, 1, temperature, generator=generator)",
                "generate(model, ids, 1, temperature)",
            ),
        ),
        r"generator|seed|reproduc|same",
    ),
    # typed_dataclass
    Mistake(
        "nan_temperature_accepted",
        "typed_dataclass",
        (("math.isnan(self.temperature) or self.temperature < 0", "self.temperature < 0"),),
        r"nan|ValueError",
    ),
    Mistake(
        "top_k_zero_passes_validation",
        "typed_dataclass",
        (("self.top_k <= 0", "self.top_k < 0"),),
        r"top_k|ValueError",
    ),
    Mistake(
        "always_back_to_train_mode",
        "typed_dataclass",
        (("model.train(previous_mode)", "model.train()"),),
        r"mode|train|eval|restor",
        also=("previous_mode: bool = model.training",),
    ),
    Mistake(
        "masked_with_zero_logits",
        "typed_dataclass",
        (('torch.full_like(scaled, float("-inf"))', "torch.zeros_like(scaled)"),),
        r"top_k|inf|mask|top-k",
    ),
    Mistake(
        "context_never_cropped",
        "typed_dataclass",
        (("context = output[:, -block_size:]", "context = output"),),
        r"block_size|context|crop|longer|too long",
        kind="raises",
        also=("last_logits = model(context)[:, -1, :]",),
    ),
    Mistake(
        "only_the_new_ids_returned",
        "typed_dataclass",
        (("return output", "return output[:, ids.shape[1] :]"),),
        r"prompt|shape|max_new_tokens|whole|length",
    ),
    Mistake(
        "one_word_too_many",
        "typed_dataclass",
        (("if finished_words >= n_words:", "if finished_words > n_words:"),),
        r"word",
        also=("finished_words += 1", "finished_words = 0"),
    ),
    # beginner_loops
    Mistake(
        "never_sees_its_own_tokens",
        "beginner_loops",
        (("last_ids = my_ids[-block_size:]", "last_ids = ids[0].tolist()[-block_size:]"),),
        r"context|own|prompt|new|see|greedy",
        also=("output = model(torch.tensor([last_ids]))",),
    ),
    Mistake(
        "sees_only_the_newest_token",
        "beginner_loops",
        (("last_ids = my_ids[-block_size:]", "last_ids = my_ids[-1:]"),),
        r"context|only|block_size|last|see",
        also=("output = model(torch.tensor([last_ids]))",),
    ),
    Mistake(
        "division_by_temperature_zero",
        "beginner_loops",
        (("if temperature == 0:", "if temperature < 0:"),),
        r"zero|temperature|division|greedy",
        kind="raises",
        also=("weights.append(math.exp((score - biggest) / temperature))",),
    ),
    Mistake(
        "greedy_takes_the_smallest",
        "beginner_loops",
        (("if numbers[position] > numbers[best]:", "if numbers[position] < numbers[best]:"),),
        r"greedy|largest|biggest|highest|temperature|likel|argmax",
    ),
    Mistake(
        "new_ids_put_in_front",
        "beginner_loops",
        (("my_ids.append(new_id)", "my_ids.insert(0, new_id)"),),
        r"append|end|prompt|begin|front|start",
    ),
    Mistake(
        "append_forgotten",
        "beginner_loops",
        (("            my_ids.append(new_id)\n", ""),),
        r"shape|length|append|max_new_tokens|tokens",
        kind="omission",
    ),
    Mistake(
        "dice_backwards_and_letters_dropped",
        "beginner_loops",
        (("if dice < so_far:", "if dice > so_far:"), ("        text = text + letter\n", "")),
        r"probab|distribution|likel|often|draw|share|frequen|word|prompt",
        kind="omission",
    ),
    # numpy_person
    Mistake(
        "weights_not_normalised",
        "numpy_person",
        (("cdf = np.cumsum(w / w.sum())", "cdf = np.cumsum(w)"),),
        r"normal|sum|probab|distribution|likel|random|often|draw|share|frequen|temperature",
        also=(
            "w = np.exp((z[keep] - z[keep].max()) / temperature)",
            "u = torch.rand((), generator=generator, dtype=torch.float64).item()",
        ),
    ),
    Mistake(
        "sorted_the_wrong_way_round",
        "numpy_person",
        (("order = np.argsort(-z, ", "order = np.argsort(z, "),),
        r"top_k|top-k|likel|candidate",
        also=("keep = order[:top_k]",),
    ),
    Mistake(
        "block_size_written_as_64",
        "numpy_person",
        (('T = model.config["block_size"]', "T = 64"),),
        r"block_size|context|crop|64|longer|too long",
        also=("x = torch.from_numpy(out[:, max(0, t - T) : t].copy())",),
    ),
    Mistake(
        "characters_counted_as_words",
        "numpy_person",
        (("ends = np.count_nonzero(blank[1:] & ~blank[:-1])", "ends = blank.size - 1"),),
        r"word|character",
    ),
    Mistake(
        "numpy_array_returned",
        "numpy_person",
        (("return torch.from_numpy(out)", "return out"),),
        r"tensor|type|ndarray|numpy",
    ),
    Mistake(
        "prompt_never_copied",
        "numpy_person",
        (("    out[:, :n] = ids.numpy()\n", ""),),
        r"prompt",
        kind="omission",
    ),
    Mistake(
        "ids_returned_instead_of_text",
        "numpy_person",
        (
            (
                "return tokenizer.decode(ids.numpy()[0].tolist())",
                "return ids.numpy()[0].tolist()",
            ),
        ),
        r"str|text|decode|list",
    ),
    # java_sampler_class
    Mistake(
        "temperature_without_effect",
        "java_sampler_class",
        (("torch.softmax(scores / self.temperature, dim=0)", "torch.softmax(scores, dim=0)"),),
        r"temperature",
        also=("return torch.argmax(chances / waiting)",),
    ),
    Mistake(
        "newest_token_hidden",
        "java_sampler_class",
        (("history[-self.getBlockSize() :]", "history[-self.getBlockSize() : -1]"),),
        r"context|last|newest|block_size|greedy|see|empty",
    ),
    Mistake(
        "grad_mode_not_restored",
        "java_sampler_class",
        (("            torch.set_grad_enabled(gradWasOn)\n", ""),),
        r"grad",
        kind="omission",
        also=("history = torch.hstack([history, token.reshape(1)])",),
    ),
    Mistake(
        "one_candidate_too_many_and_blanks_as_words",
        "java_sampler_class",
        (
            ("[self.topK :]", "[self.topK + 1 :]"),
            ("if started and isBlank:", "if isBlank:"),
        ),
        r"top_k|top-k|word",
    ),
    Mistake(
        "batch_dimension_lost",
        "java_sampler_class",
        (
            (
                "return sampler.run(ids[0], max_new_tokens).unsqueeze(0)",
                "return sampler.run(ids[0], max_new_tokens)",
            ),
        ),
        r"shape|dimension|batch|\(1",
    ),
    # streams_itertools
    Mistake(
        "sort_ascending",
        "streams_itertools",
        (("logits.double().sort(descending=True)", "logits.double().sort()"),),
        r"greedy|largest|highest|temperature|likel|top_k|argmax|descending",
    ),
    Mistake(
        "seen_never_grows",
        "streams_itertools",
        (("        seen = torch.cat([seen, token[None]], dim=1)\n", ""),),
        r"context|own|new|same|see|greedy|append",
        kind="omission",
    ),
    Mistake(
        "dart_without_the_generator",
        "streams_itertools",
        (("torch.rand(1, generator=generator, dtype=", "torch.rand(1, dtype="),),
        r"generator|seed|reproduc|same",
    ),
    Mistake(
        "top_k_ignored",
        "streams_itertools",
        (("(values[:top_k] / temperature)", "(values / temperature)"),),
        r"top_k|top-k|candidate",
        also=("values, indices = logits.double().sort(descending=True)",),
    ),
    Mistake(
        "words_joined_with_a_second_space",
        "streams_itertools",
        (('"".join(more)', '" ".join(more)'),),
        r"space|join|text|continu|word",
        also=("yield word",),
    ),
    Mistake(
        "one_token_too_few",
        "streams_itertools",
        (("islice(stream, max_new_tokens)", "islice(stream, max_new_tokens - 1)"),),
        r"shape|length|max_new_tokens|tokens|islice",
    ),
    Mistake(
        "zero_refused_and_letters_lost",
        "streams_itertools",
        (
            ("if not (temperature >= 0):", "if not (temperature > 0):"),
            ("        word += character\n", "        word = character\n"),
        ),
        r"temperature|greedy|word|text",
        kind="raises",
    ),
    # gumbel_lambda
    Mistake(
        "result_of_generate_thrown_away",
        "gumbel_lambda",
        (("        x = generate(model, x, 1,", "        generate(model, x, 1,"),),
        r"hang|endless|loop|stuck|second|never|stop|finish",
        kind="hangs",
    ),
    Mistake(
        "gumbel_minus_lost",
        "gumbel_lambda",
        (("return -(-u.log()).log()", "return (-u.log()).log()"),),
        r"probab|distribution|likel|random|often|draw|share|frequen",
        also=("z = z / temperature + _gumbel(z, generator)",),
    ),
    Mistake(
        "noise_divided_by_the_temperature_too",
        "gumbel_lambda",
        (
            (
                "z = z / temperature + _gumbel(z, generator)",
                "z = (z + _gumbel(z, generator)) / temperature",
            ),
        ),
        r"temperature",
    ),
    Mistake(
        "smallest_k_kept",
        "gumbel_lambda",
        (("best = z.topk(k).indices", "best = z.topk(k, largest=False).indices"),),
        r"top_k|top-k|largest|likel|candidate",
    ),
    Mistake(
        "nan_temperature_is_greedy",
        "gumbel_lambda",
        (("if not temperature >= 0 or", "if temperature < 0 or"),),
        r"nan|ValueError",
    ),
    Mistake(
        "words_of_the_prompt_counted",
        "gumbel_lambda",
        (("skip, said = len(tokenizer.decode(x[0].tolist())), ", "skip, said = 0, "),),
        r"word|prompt",
        also=("said = tokenizer.decode(x[0].tolist())[skip:]",),
    ),
    Mistake(
        "cat_along_the_batch",
        "gumbel_lambda",
        (("z.argmax().view(1, 1)), 1)", "z.argmax().view(1, 1)), 0)"),),
        r"cat|dim|size|shape",
        kind="raises",
    ),
    # divide_and_conquer
    Mistake(
        "odd_counts_lose_a_token",
        "divide_and_conquer",
        (("extend(model, first, count - half,", "extend(model, first, half,"),),
        r"shape|length|max_new_tokens|tokens",
    ),
    Mistake(
        "softmax_over_the_batch",
        "divide_and_conquer",
        ((".softmax(dim=1)", ".softmax(dim=0)"),),
        r"softmax|dim|probab|distribution|likel|often|draw|share|frequen|temperature",
    ),
    Mistake(
        "mask_inverted",
        "divide_and_conquer",
        (
            (
                "torch.ones_like(scores, dtype=torch.bool).scatter(1, kept, False)",
                "torch.zeros_like(scores, dtype=torch.bool).scatter(1, kept, True)",
            ),
        ),
        r"top_k|top-k|mask|likel|candidate",
        also=(
            "scores = scores.masked_fill(banned, -torch.inf)",
            "kept = scores.topk(min(top_k, scores.size(1)), dim=1).indices",
        ),
    ),
    Mistake(
        "multinomial_on_logits",
        "divide_and_conquer",
        (
            (
                "scores.div(temperature).softmax(dim=1).multinomial",
                "scores.div(temperature).multinomial",
            ),
        ),
        r"probab|softmax|multinomial|negative",
        kind="raises",
    ),
    Mistake(
        "left_in_eval_mode",
        "divide_and_conquer",
        (("            model.train(before)\n", "            model.eval()\n"),),
        r"mode|train|eval|restor",
    ),
    Mistake(
        "argmax_at_every_temperature",
        "divide_and_conquer",
        ((".multinomial(1, generator=generator)", ".argmax(dim=1, keepdim=True)"),),
        r"random|argmax|same|greedy|temperature|probab|distribution|likel|often|draw|share|frequen",
    ),
    Mistake(
        "continuation_without_the_prompt",
        "divide_and_conquer",
        (
            (
                "tokenizer.decode(tell(ids, n_words)[0].tolist())",
                "tokenizer.decode(tell(ids, n_words)[0, ids.size(1) :].tolist())",
            ),
        ),
        r"prompt|start|begin",
    ),
    # while_and_indexes
    Mistake(
        "counter_never_counts",
        "while_and_indexes",
        (("            t += 1\n", ""),),
        r"hang|endless|loop|stuck|second|never|stop|finish",
        kind="hangs",
    ),
    Mistake(
        "position_in_the_text_not_in_the_window",
        "while_and_indexes",
        (("out[0, t - lo - 1]", "out[0, t - 1]"),),
        r"index|bounds|block_size|context|crop|window",
        kind="raises",
    ),
    Mistake(
        "temperature_after_the_exponential",
        "while_and_indexes",
        (
            (
                "torch.exp((srt.values[i] - srt.values[0]) / temperature)",
                "torch.exp(srt.values[i] - srt.values[0]) / temperature",
            ),
        ),
        r"temperature",
    ),
    Mistake(
        "nothing_validated",
        "while_and_indexes",
        (("    chk(temperature, top_k)\n", ""),),
        r"ValueError|negative|below|nan|top_k",
        kind="omission",
    ),
    Mistake(
        "surplus_not_cut_off",
        "while_and_indexes",
        (("return s[:pos]", "return s"),),
        r"word|text",
        also=("ids = generate(model, ids, 8, temperature, None, generator)",),
    ),
    Mistake(
        "rank_instead_of_token",
        "while_and_indexes",
        (("return srt.indices[i]", "return i"),),
        r"id|token|probab|distribution|likel|often|draw|share|frequen",
    ),
    Mistake(
        "least_likely_greedy_and_words_at_temperature_one",
        "while_and_indexes",
        (
            ("return srt.indices[0]", "return srt.indices[-1]"),
            ("generate(model, ids, 8, temperature, None,", "generate(model, ids, 8, 1.0, None,"),
        ),
        r"temperature|greedy|largest|highest|likel|argmax",
    ),
    # closures_reduce
    Mistake(
        "one_candidate_too_many",
        "closures_reduce",
        (("torch.where(place < k,", "torch.where(place <= k,"),),
        r"top_k|top-k|candidate",
    ),
    Mistake(
        "order_taken_for_rank",
        "closures_reduce",
        (
            (
                "torch.argsort(torch.argsort(scores, dim=-1, descending=True), dim=-1)",
                "torch.argsort(scores, dim=-1, descending=True)",
            ),
        ),
        r"top_k|top-k|candidate|likel",
        also=('return torch.where(place < k, scores, torch.tensor(float("-inf")))',),
    ),
    Mistake(
        "top_k_after_the_softmax",
        "closures_reduce",
        (
            (
                "*limit, partial(torch.softmax, dim=-1), roll(generator)",
                "partial(torch.softmax, dim=-1), *limit, roll(generator)",
            ),
        ),
        r"top_k|top-k|inf|softmax|probab|multinomial",
        kind="raises",
        also=(
            'return torch.where(place < k, scores, torch.tensor(float("-inf")))',
            "return lambda chances: torch.multinomial(chances, 1, generator=generator)",
        ),
    ),
    Mistake(
        "last_of_the_batch_instead_of_last_position",
        "closures_reduce",
        (("choose(model(context)[:, -1])", "choose(model(context)[-1])"),),
        r"size|shape|dim|cat|match|position",
        kind="raises",
    ),
    Mistake(
        "argmax_over_the_batch",
        "closures_reduce",
        (
            (
                "partial(torch.argmax, dim=-1, keepdim=True)",
                "partial(torch.argmax, dim=0, keepdim=True)",
            ),
        ),
        r"shape|dim|argmax|greedy|length|max_new_tokens",
    ),
    Mistake(
        "unpacks_an_empty_list",
        "closures_reduce",
        (
            (
                '*finished, _ = (text(ids)[told:] + ".").split()',
                "*finished, _ = text(ids)[told:].split()",
            ),
        ),
        r"unpack|not enough|values|empty",
        kind="raises",
    ),
    Mistake(
        "hotter_is_colder_and_prompt_counted",
        "closures_reduce",
        (
            ("lambda scores: scores / temperature", "lambda scores: scores * temperature"),
            ("(text(ids)[told:] + ", "(text(ids) + "),
        ),
        r"temperature|word",
    ),
    # inference_decorator
    Mistake(
        "place_among_the_best_taken_for_the_id",
        "inference_decorator",
        (("        drawn = candidates.gather(-1, drawn)\n", ""),),
        r"id|token|greedy|temperature|top_k|gather|likel",
        kind="omission",
    ),
    Mistake(
        "zero_still_divides",
        "inference_decorator",
        (("temperature, top_k = 1.0, 1", "top_k = 1"),),
        r"zero|nan|inf|temperature|greedy|division|probab",
        kind="raises",
        also=(
            "drawn = torch.multinomial((scores / temperature).softmax(-1), 1, generator=generator)",
        ),
    ),
    Mistake(
        "only_the_prompt_is_cropped",
        "inference_decorator",
        (
            (
                "context = torch.cat((context, drawn), dim=1)[:, -block_size:]",
                "context = torch.cat((context, drawn), dim=1)",
            ),
        ),
        r"block_size|context|crop|longer|too long",
        kind="raises",
        also=("logits = model(context)[:, -1]",),
    ),
    Mistake(
        "prompt_as_typed_taken_for_prompt_as_decoded",
        "inference_decorator",
        ((".removeprefix(beginning)", ".removeprefix(prompt)"),),
        r"unk|prompt|twice|decoded|word",
        also=("return (beginning + sequel).rstrip()",),
    ),
    Mistake(
        "spaces_counted_as_words",
        "inference_decorator",
        (("len(sequel.split()) == n_words", 'sequel.count(" ") == n_words'),),
        r"word|space",
    ),
    Mistake(
        "inference_mode_forgotten",
        "inference_decorator",
        (("@torch.inference_mode()\n", ""),),
        r"grad",
        kind="omission",
    ),
    Mistake(
        "top_k_zero_means_everything",
        "inference_decorator",
        (("top_k is not None and top_k <= 0", "top_k is not None and top_k < 0"),),
        r"top_k|ValueError",
    ),
    # regex_long_piece
    Mistake(
        "last_group_instead_of_the_match",
        "regex_long_piece",
        (("known + found.group()", "known + found.group(1)"),),
        r"word|text",
    ),
    Mistake(
        "largest_scores_thrown_out",
        "regex_long_piece",
        (("torch.topk(final, n_out, largest=False)", "torch.topk(final, n_out)"),),
        r"top_k|top-k|largest|likel|candidate",
    ),
    Mistake(
        "one_candidate_too_few",
        "regex_long_piece",
        (("final.shape[-1] - top_k)", "final.shape[-1] - top_k + 1)"),),
        r"top_k|top-k|candidate",
        also=("losers = torch.topk(final, n_out, largest=False).indices",),
    ),
    Mistake(
        "temperature_after_the_softmax",
        "regex_long_piece",
        (
            (
                "torch.exp(torch.log_softmax(final / temperature, dim=-1))",
                "torch.exp(torch.log_softmax(final, dim=-1)) / temperature",
            ),
        ),
        r"temperature",
    ),
    Mistake(
        "returned_ids_cropped_as_well",
        "regex_long_piece",
        (("torch.cat([ids, new.reshape(1, 1)]", "torch.cat([recent, new.reshape(1, 1)]"),),
        r"shape|length|whole|crop|prompt|block_size",
        also=('recent = ids[:, -model_config["block_size"] :]',),
    ),
    Mistake(
        "walrus_without_its_eyes",
        "regex_long_piece",
        (("if found := n_words_and_their_ends", "if found = n_words_and_their_ends"),),
        r"syntax|invalid|:=",
        kind="import",
    ),
    Mistake(
        "cut_counts_from_the_prompt",
        "regex_long_piece",
        (("tokenizer.decode(ids[0, n_prompt:].tolist())", "tokenizer.decode(ids[0].tolist())"),),
        r"prompt|word|twice",
    ),
    # whitespace_ids_stack
    Mistake(
        "mode_not_restored",
        "whitespace_ids_stack",
        (("        stack.callback(model.train, model.training)\n", ""),),
        r"mode|train|eval|restor",
        kind="omission",
    ),
    Mistake(
        "no_grad_called_but_not_entered",
        "whitespace_ids_stack",
        (("stack.enter_context(torch.no_grad())", "torch.no_grad()"),),
        r"grad",
    ),
    Mistake(
        "first_k_ids_instead_of_best_k",
        "whitespace_ids_stack",
        (("probs[order[top_k:]] = 0", "probs[top_k:] = 0"),),
        r"top_k|top-k|likel|candidate",
        also=("order = probs.argsort(descending=True)",),
    ),
    Mistake(
        "rest_after_top_k_not_renormalised",
        "whitespace_ids_stack",
        (("dtype=torch.float64) * running[-1]", "dtype=torch.float64)"),),
        r"top_k|top-k|renormal|sum|range|vocab|probab",
        also=("running = probs.cumsum(dim=-1)", "probs[order[top_k:]] = 0"),
    ),
    Mistake(
        "words_ignore_the_temperature",
        "whitespace_ids_stack",
        (
            (
                "generate(model, sequence, 1, temperature, generator=generator)",
                "generate(model, sequence, 1, generator=generator)",
            ),
        ),
        r"temperature|greedy|story|once upon",
    ),
    Mistake(
        "story_never_appended",
        "whitespace_ids_stack",
        (("        story.append(token)\n", ""),),
        r"word|append|prompt|text",
        kind="omission",
    ),
    Mistake(
        "seeded_inside",
        "whitespace_ids_stack",
        (
            (
                '    block_size = model.config["block_size"]\n',
                '    block_size = model.config["block_size"]\n    torch.manual_seed(1337)\n',
            ),
        ),
        r"seed|random|same|global",
    ),
    # deque_kthvalue
    Mistake(
        "return_forgotten",
        "deque_kthvalue",
        (
            (
                "    return torch.cat([ids, torch.tensor([fresh], dtype=ids.dtype)], dim=1)\n",
                "",
            ),
        ),
        r"None|return|tensor",
        kind="omission",
    ),
    Mistake(
        "newest_token_at_the_wrong_end_of_the_window",
        "deque_kthvalue",
        (("window.append(token)", "window.appendleft(token)"),),
        r"context|order|append|end|last|greedy|see",
    ),
    Mistake(
        "kth_smallest_as_the_bar",
        "deque_kthvalue",
        (("scores.kthvalue(size - k + 1)", "scores.kthvalue(k)"),),
        r"top_k|top-k|kthvalue|candidate",
    ),
    Mistake(
        "grad_mode_left_off_and_prompt_left_out",
        "deque_kthvalue",
        (
            ("        torch.set_grad_enabled(self.grad)\n", ""),
            ("return tokenizer.decode(start + tail)", "return tokenizer.decode(tail)"),
        ),
        r"grad|prompt",
        kind="omission",
        also=("part.training = mode",),
    ),
    Mistake(
        "first_letter_of_one_more_word",
        "deque_kthvalue",
        (
            (
                'words = (tokenizer.decode(tail) + "*").split()',
                "words = tokenizer.decode(tail).split()",
            ),
        ),
        r"word",
    ),
    Mistake(
        "words_always_from_the_prompt_alone",
        "deque_kthvalue",
        (("ids = torch.tensor([start + tail])", "ids = torch.tensor([start])"),),
        r"word|context|same|prompt|text",
    ),
    Mistake(
        "tensor_with_a_capital_t",
        "deque_kthvalue",
        (("torch.tensor([fresh], dtype=ids.dtype)", "torch.Tensor([fresh])"),),
        r"int64|dtype|float|integer|long",
    ),
]
