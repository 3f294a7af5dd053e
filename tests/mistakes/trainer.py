"""Wrong trainers: the correct ones of `tests/variants/03_training/`, each with a mistake or two.

Where a mistake raises in another line than the one at fault, `also` quotes that line too.
"""

from tests.mistakes import Mistake

MISTAKES = [
    # --- lecture_script
    Mistake(
        name="targets_not_shifted_lecture",
        base="lecture_script",
        edits=(
            (
                "y = torch.stack([ids[i + 1 : i + block_size + 1] for i in ix])",
                "y = torch.stack([ids[i : i + block_size] for i in ix])",
            ),
        ),
        says=r"shift|next|later|follow",
    ),
    Mistake(
        name="zero_grad_forgotten_lecture",
        base="lecture_script",
        edits=(("        opt.zero_grad(set_to_none=True)\n", ""),),
        says=r"zero_grad|gradient|accumulat|pile",
        kind="omission",
        also=("loss.backward()", "opt.step()"),
    ),
    Mistake(
        name="logits_viewed_with_time_as_classes",
        base="lecture_script",
        edits=(("logits.view(B * T, C)", "logits.view(B * C, T)"),),
        says=r"batch_size|shape|view|size|class",
        kind="raises",
    ),
    Mistake(
        name="window_starts_past_the_end_lecture",
        base="lecture_script",
        edits=(
            (
                "torch.randint(len(ids) - block_size, (",
                "torch.randint(len(ids) - block_size + 1, (",
            ),
        ),
        says=r"stack|equal size|end|last|window|shape|exactly",
        kind="raises",
        also=("y = torch.stack([ids[i + 1 : i + block_size + 1] for i in ix])",),
    ),
    Mistake(
        name="loaded_model_not_in_eval_lecture",
        base="lecture_script",
        edits=(("    model.eval()\n", ""),),
        says=r"eval|mode",
        kind="omission",
        also=(
            'model = MiniGPT(**ckpt["config"])',
            'model.load_state_dict(ckpt["model"])',
            'return model, CharTokenizer("".join(ckpt["vocab"][3:]))',
        ),
    ),
    Mistake(
        name="only_the_last_loss_returned",
        base="lecture_script",
        edits=(("    return lossi\n", "    return lossi[-1]\n"),),
        says=r"list|float",
    ),
    Mistake(
        name="global_dice_and_copied_file_lecture",
        base="lecture_script",
        edits=(
            ("(batch_size,), generator=generator)", "(batch_size,))"),
            ("    tmp.replace(path)\n", "    path.write_bytes(tmp.read_bytes())\n"),
        ),
        says=r"generator|random|seed|same|tempor|left|behind|replace",
    ),
    # --- beginner_loops
    Mistake(
        name="targets_shifted_by_two_beginner",
        base="beginner_loops",
        edits=(("numbers[start + step + 1]", "numbers[start + step + 2]"),),
        says=r"shift|two|later|next|IndexError|range",
    ),
    Mistake(
        name="exactly_one_window_is_not_enough_beginner",
        base="beginner_loops",
        edits=(
            (
                "how_many_starts = len(numbers) - block_size",
                "how_many_starts = len(numbers) - block_size - 1",
            ),
        ),
        says=r"exactly|one window|enough|suffic|block_size|random_|from|last",
        kind="raises",
        also=("start = torch.randint(0, how_many_starts, (1,), generator=generator)",),
    ),
    Mistake(
        name="optimizer_step_forgotten_beginner",
        base="beginner_loops",
        edits=(("        optimizer.step()\n", ""),),
        says=r"step|update|weight|parameter|learn|improve|decrease",
        kind="omission",
        also=("loss.backward()", "optimizer.zero_grad()"),
    ),
    Mistake(
        name="losses_not_returned_beginner",
        base="beginner_loops",
        edits=(("    return list_of_losses\n", ""),),
        says=r"None|return|list",
        kind="omission",
    ),
    Mistake(
        name="old_checkpoint_destroyed_beginner",
        base="beginner_loops",
        edits=(('unfinished_path = str(path) + ".part"', "unfinished_path = path"),),
        says=r"tempor|replace|crash|interrupt|half|old|previous|damag|surviv|destroy",
        also=("torch.save(everything, unfinished_path)", "os.replace(unfinished_path, path)"),
    ),
    Mistake(
        name="characters_not_saved_beginner",
        base="beginner_loops",
        edits=(('    everything["characters"] = tokenizer.vocab\n', ""),),
        says=r"KeyError|characters|vocab|token",
        kind="omission",
        also=('for character in everything["characters"][3:]:',),
    ),
    Mistake(
        name="mode_upside_down_and_pair_swapped_beginner",
        base="beginner_loops",
        edits=(
            ('    if mode_before == "eval":', '    if mode_before == "train":'),
            ("    return model, tokenizer\n", "    return tokenizer, model\n"),
        ),
        says=r"mode|eval|order|first|tokenizer|MiniGPT|pair",
    ),
    # --- typed_dataclasses
    Mistake(
        name="callable_from_the_old_place",
        base="typed_dataclasses",
        edits=(
            (
                "from collections.abc import Callable, Sequence",
                "from collections import Callable, Sequence",
            ),
        ),
        says=r"ImportError|import|Callable",
        kind="import",
    ),
    Mistake(
        name="gradients_clipped_to_nothing_typed",
        base="typed_dataclasses",
        edits=(("max_grad_norm: float = 1.0", "max_grad_norm: float = 0.0"),),
        says=r"clip|grad|norm|weight|parameter|learn|improve|decrease",
        also=("nn.utils.clip_grad_norm_(model.parameters(), config.max_grad_norm)",),
    ),
    Mistake(
        name="zero_grad_between_backward_and_step_typed",
        base="typed_dataclasses",
        edits=(("    loss.backward()\n", "    loss.backward()\n    optimizer.zero_grad()\n"),),
        says=r"zero_grad|grad|weight|parameter|learn|improve|decrease|step",
        also=("loss.backward()", "optimizer.step()"),
    ),
    Mistake(
        name="trains_in_eval_mode_typed",
        base="typed_dataclasses",
        edits=(("    model.train()\n", "    model.eval()\n"),),
        says=r"train mode|mode|train\(\)|eval",
    ),
    Mistake(
        name="weights_not_loaded_typed",
        base="typed_dataclasses",
        edits=(('    model.load_state_dict(payload["model_state_dict"])\n', ""),),
        says=r"load_state_dict|weight|parameter|logits|output|same|differ",
        kind="omission",
        also=('model = MiniGPT(**payload["model_config"])', "return model.eval(), tokenizer"),
    ),
    Mistake(
        name="specials_loaded_as_characters_typed",
        base="typed_dataclasses",
        edits=(('payload["vocabulary"][NUM_SPECIAL_TOKENS:]', 'payload["vocabulary"]'),),
        says=r"vocab|special|character|token",
        also=('"vocabulary": list(tokenizer.vocab),',),
    ),
    Mistake(
        name="always_left_in_train_mode_typed",
        base="typed_dataclasses",
        edits=(
            ("        model.train(previous_mode)\n", "        model.train()\n"),
            ("    return model.eval(), tokenizer\n", "    return model, tokenizer\n"),
        ),
        says=r"mode|eval",
    ),
    # --- numpy_grid
    Mistake(
        name="targets_shifted_the_wrong_way_numpy",
        base="numpy_grid",
        edits=(("arr[grid + 1]", "arr[grid - 1]"),),
        says=r"shift|later|next|earlier|before|previous|direction",
    ),
    Mistake(
        name="minus_sign_lost_numpy",
        base="numpy_grid",
        edits=(("return -picked.mean()", "return picked.mean()"),),
        says=r"negative|sign|minus|loss",
        also=("loss = nll(model(x), y)",),
    ),
    Mistake(
        name="ids_as_fractions_numpy",
        base="numpy_grid",
        edits=(("np.asarray(ids, dtype=np.int64)", "np.asarray(ids, dtype=np.float32)"),),
        says=r"int64|float|dtype|long|indices",
        kind="raises",
        also=("loss = nll(model(x), y)",),
    ),
    Mistake(
        name="array_instead_of_list_numpy",
        base="numpy_grid",
        edits=(("    return losses.tolist()\n", "    return losses\n"),),
        says=r"list|float|ndarray|array",
    ),
    Mistake(
        name="summed_loss_and_mode_not_restored_numpy",
        base="numpy_grid",
        edits=(
            ("return -picked.mean()", "return -picked.sum()"),
            ("    model.train(mode)\n", "    model.train(True)\n"),
        ),
        says=r"mean|average|sum|loss|mode|eval",
    ),
    # --- java_classes
    Mistake(
        name="batch_and_block_swapped_java",
        base="java_classes",
        edits=(
            (
                "torch.empty(self._batchSize, self._blockSize, dtype=torch.int64)",
                "torch.empty(self._blockSize, self._batchSize, dtype=torch.int64)",
            ),
        ),
        says=r"shape|size|expand|swap",
        kind="raises",
        also=("inputs[row] = self._ids.narrow(0, position, self._blockSize)",),
    ),
    Mistake(
        name="global_dice_seeded_java",
        base="java_classes",
        edits=(("    generator.manual_seed(seed)\n", "    torch.manual_seed(seed)\n"),),
        says=r"seed|global|random|generator",
    ),
    Mistake(
        name="only_the_head_is_trained_java",
        base="java_classes",
        edits=(
            (
                "NAdam(model.parameters(), lr=learningRate)",
                "NAdam(list(model.parameters())[-2:], lr=learningRate)",
            ),
        ),
        says=r"parameter|weight|optimi|improve|decrease|learn",
    ),
    Mistake(
        name="history_never_grows_java",
        base="java_classes",
        edits=(
            (
                "self._history.append(self._runOneStep())",
                "self._history = [self._runOneStep()]",
            ),
        ),
        says=r"endless|loop|forever|never|still running|second|stop|finish",
        kind="hangs",
        also=("while len(self._history) < steps:",),
    ),
    Mistake(
        name="one_step_too_many_java",
        base="java_classes",
        edits=(("while len(self._history) < steps:", "while len(self._history) <= steps:"),),
        says=r"step|length|many|losses",
    ),
    Mistake(
        name="tempfile_not_imported_java",
        base="java_classes",
        edits=(("import tempfile\n", ""),),
        says=r"NameError|tempfile|not defined",
        kind="omission",
        also=("with tempfile.NamedTemporaryFile(dir=folder, delete=False) as handle:",),
    ),
    Mistake(
        name="listener_swapped_and_unsafe_load_java",
        base="java_classes",
        edits=(
            (
                "listener(len(self._history), self._history[-1])",
                "listener(self._history[-1], len(self._history))",
            ),
            (
                "torch.load(self._path, weights_only=True)",
                "torch.load(self._path, weights_only=False)",
            ),
        ),
        says=r"on_step|step|order|int|weights_only|pickle|code|unsafe",
    ),
    # --- functional_pipeline
    Mistake(
        name="softmax_over_time_functional",
        base="functional_pipeline",
        edits=(("log_softmax(model(x), dim=-1)", "log_softmax(model(x), dim=1)"),),
        says=r"loss|dim|softmax|class|vocab|ln",
    ),
    Mistake(
        name="nll_of_raw_logits_functional",
        base="functional_pipeline",
        edits=(("nll_loss(log_softmax(model(x), dim=-1).mT, y)", "nll_loss(model(x).mT, y)"),),
        says=r"loss|softmax|logits|cross|negative|ln",
    ),
    Mistake(
        name="inputs_and_targets_swapped_functional",
        base="functional_pipeline",
        edits=(
            (
                "return window[..., :-1], window[..., 1:]",
                "return window[..., 1:], window[..., :-1]",
            ),
        ),
        says=r"shift|later|next|earlier|swap|previous|direction",
        also=("return split(windows.index_select(0, choice))",),
    ),
    Mistake(
        name="only_the_outer_mode_restored_functional",
        base="functional_pipeline",
        edits=(("        module.training = flag\n", "        model.training = flag\n"),),
        says=r"mode|eval|training",
        also=("for module, flag in flags:",),
    ),
    Mistake(
        name="on_step_never_asked_functional",
        base="functional_pipeline",
        edits=(("draw, on_step or silence)", "draw, silence)"),),
        says=r"on_step|call|never",
        also=("tell(step, value)",),
    ),
    Mistake(
        name="windows_one_id_short_functional",
        base="functional_pipeline",
        edits=((".unfold(0, block_size + 1, 1)", ".unfold(0, block_size, 1)"),),
        says=r"shape|block_size|short|size|length",
    ),
    # --- old_fashioned
    Mistake(
        name="last_column_stays_zero_old",
        base="old_fashioned",
        edits=(("while t < block_size:", "while t < block_size - 1:"),),
        says=r"later|last|next|window|zero|shift|follow",
    ),
    Mistake(
        name="running_mean_returned_old",
        base="old_fashioned",
        edits=(("out[i] = err.item()", "out[i] = (sum(out[:i]) + err.item()) / (i + 1)"),),
        says=r"loss|mean|average|cross|step",
    ),
    Mistake(
        name="learning_rate_ignored_old",
        base="old_fashioned",
        edits=(("rate = learning_rate / 10", "rate = 6e-4"),),
        says=r"learning_rate|learning rate|ignor|rate",
        also=(
            "optim = torch.optim.RMSprop(model.parameters(), lr=rate, alpha=0.95, momentum=0.9)",
        ),
    ),
    Mistake(
        name="two_specials_instead_of_three_old",
        base="old_fashioned",
        edits=(("N_SPECIALS = 3\n", "N_SPECIALS = 2\n"),),
        says=r"ord|TypeError|character|special|vocab",
        kind="raises",
        also=("k = N_SPECIALS", "codes.append(ord(tokenizer.vocab[k]))"),
    ),
    Mistake(
        name="config_overwritten_by_training_old",
        base="old_fashioned",
        edits=(
            (
                "    model.train()\n",
                '    model.train()\n    model.config["block_size"] = block_size\n',
            ),
        ),
        says=r"config|block_size|size mismatch",
    ),
    Mistake(
        name="tensors_in_the_list_old",
        base="old_fashioned",
        edits=(("out[i] = err.item()", "out[i] = err"),),
        says=r"float|Tensor|item",
    ),
    # --- dataset_loader
    Mistake(
        name="items_run_past_the_end_dataset",
        base="dataset_loader",
        edits=(("return len(self.ids) - self.block_size", "return len(self.ids)"),),
        says=r"stack|equal size|end|last|window|shape|exactly",
        kind="raises",
        also=("x, y = default_collate([dataset[index] for index in sampler])",),
    ),
    Mistake(
        name="classes_in_the_wrong_dimension_dataset",
        base="dataset_loader",
        edits=(("criterion(output.permute(0, 2, 1), yb)", "criterion(output, yb)"),),
        says=r"target size|shape|dimension|size|permute|transpose",
        kind="raises",
        also=("output = model(xb)",),
    ),
    Mistake(
        name="backward_forgotten_dataset",
        base="dataset_loader",
        edits=(("        loss.backward()\n", ""),),
        says=r"backward|grad|weight|parameter|learn|improve|decrease",
        kind="omission",
        also=("optimizer.step()", "loss = criterion(output.permute(0, 2, 1), yb)"),
    ),
    Mistake(
        name="seed_ignored_dataset",
        base="dataset_loader",
        edits=(("torch.Generator().manual_seed(seed)", "torch.Generator().manual_seed(0)"),),
        says=r"seed|random|same|differ",
    ),
    Mistake(
        name="sampler_not_used_dataset",
        base="dataset_loader",
        edits=(
            (
                "batch_size=batch_size, sampler=sampler, generator=generator)",
                "batch_size=batch_size, shuffle=False)",
            ),
        ),
        says=r"seed|random|shuffle|same|length|losses|step|global|batch",
    ),
    Mistake(
        name="draft_never_renamed_dataset",
        base="dataset_loader",
        edits=(('    os.replace(f"{path}.new", path)\n', ""),),
        says=r"FileNotFound|No such file|file|exist|replace|writ",
        kind="omission",
        also=(
            'torch.save({"info": info, "state": model.state_dict()}, f"{path}.new")',
            'saved = torch.load(path, weights_only=True, map_location=torch.device("cpu"))',
        ),
    ),
    Mistake(
        name="specials_saved_as_characters_dataset",
        base="dataset_loader",
        edits=(('"chars": tokenizer.vocab[3:]})', '"chars": tokenizer.vocab})'),),
        says=r"vocab|special|character|token",
        also=('tokenizer = CharTokenizer("".join(info["chars"]))',),
    ),
    # --- shuffled_epochs
    Mistake(
        name="never_shuffled_epochs",
        base="shuffled_epochs",
        edits=(("torch.randperm(total, generator=generator).tolist()", "range(total)"),),
        says=r"random|generator|seed|same|shuffle|draw",
    ),
    Mistake(
        name="endless_source_not_cut_epochs",
        base="shuffled_epochs",
        edits=(("enumerate(islice(source, steps), start=1)", "enumerate(source, start=1)"),),
        says=r"endless|loop|forever|never|still running|second|stop|finish",
        kind="hangs",
        also=(
            "source = batches(ids, batch_size, block_size, torch.Generator().manual_seed(seed))",
        ),
    ),
    Mistake(
        name="mode_not_restored_epochs",
        base="shuffled_epochs",
        edits=(("        stack.callback(model.train, model.training)\n", ""),),
        says=r"mode|eval|training",
        kind="omission",
        also=("model.train()",),
    ),
    Mistake(
        name="config_not_saved_epochs",
        base="shuffled_epochs",
        edits=(('"vocab": tokenizer.vocab, **model.config}', '"vocab": tokenizer.vocab}'),),
        says=r"config|size mismatch|MiniGPT|shape|vocab_size|state_dict",
        kind="raises",
        also=("model = MiniGPT(**config)", "model.load_state_dict(weights)"),
    ),
    Mistake(
        name="report_forgotten_epochs",
        base="shuffled_epochs",
        edits=(("            report(step, losses[-1])\n", ""),),
        says=r"on_step|call|never",
        kind="omission",
        also=("losses.append(float(loss.detach()))",),
    ),
    # --- handwritten_adam
    Mistake(
        name="weights_rebound_not_changed_adam",
        base="handwritten_adam",
        edits=(("            w -= self.rate * (m", "            w = w - self.rate * (m"),),
        says=r"weight|parameter|learn|improve|decrease|update|change|in place",
    ),
    Mistake(
        name="no_grad_forgotten_adam",
        base="handwritten_adam",
        edits=(("    @torch.no_grad()\n", ""),),
        says=r"RuntimeError|leaf|in-place|no_grad",
        kind="omission",
        also=(
            "w -= self.rate * (m / fix1) / ((v / fix2).sqrt() + self.epsilon)",
            "def update(self, gradients):",
        ),
    ),
    Mistake(
        name="time_stands_still_adam",
        base="handwritten_adam",
        edits=(("        self.t += 1\n", ""),),
        says=r"nan|inf|finite|number",
        kind="omission",
        also=("self.t = 0", "fix1 = 1 - self.beta1**self.t"),
    ),
    Mistake(
        name="model_reads_the_answers_adam",
        base="handwritten_adam",
        edits=(
            ("cross_entropy(model(questions), answers)", "cross_entropy(model(answers), answers)"),
        ),
        says=r"floor|leak|shift|cheat|input|target|answer|sees|loss|too good",
    ),
    Mistake(
        name="train_mode_forgotten_adam",
        base="handwritten_adam",
        edits=(("    model.train()\n", ""),),
        says=r"mode|train\(\)|eval|training",
        kind="omission",
        also=("was = model.training",),
    ),
    Mistake(
        name="gradient_ascent_adam",
        base="handwritten_adam",
        edits=(("            w -= self.rate", "            w += self.rate"),),
        says=r"loss|improve|decrease|grew|grow|rose|rise|sign|wrong way|increase",
    ),
    # --- warmup_cosine
    Mistake(
        name="softmax_before_cross_entropy_cosine",
        base="warmup_cosine",
        edits=(
            (
                "fn.cross_entropy(model(inp).transpose(-1, -2), tgt)",
                "fn.cross_entropy(model(inp).softmax(-1).transpose(-1, -2), tgt)",
            ),
        ),
        says=r"softmax|loss|logits|cross|improve|decrease",
    ),
    Mistake(
        name="only_the_last_character_counts_cosine",
        base="warmup_cosine",
        edits=(
            (
                "fn.cross_entropy(model(inp).transpose(-1, -2), tgt)",
                "fn.cross_entropy(model(inp)[:, -1], tgt[:, -1])",
            ),
        ),
        says=r"last|every|all|position|mean|average|loss|floor",
    ),
    Mistake(
        name="learning_rate_times_hundred_cosine",
        base="warmup_cosine",
        edits=(("AdamW(groups, lr=learning_rate,", "AdamW(groups, lr=learning_rate * 100,"),),
        says=r"learning.rate|too (large|big|high)|loss|improve|decrease|diverge|far",
        also=("optimizer = make_optimizer(model, learning_rate)",),
    ),
    Mistake(
        name="whole_model_pickled_cosine",
        base="warmup_cosine",
        edits=(("torch.save(state, partial_file)", "torch.save(model, partial_file)"),),
        says=r"weights_only|state_dict|pickl|Unpickling|plain",
        kind="raises",
        also=('state = torch.load(Path(path), map_location="cpu", weights_only=True)',),
    ),
    Mistake(
        name="matrices_left_out_cosine",
        base="warmup_cosine",
        edits=(("if p.dim() >= 2]", "if p.dim() > 2]"),),
        says=r"parameter|weight|optimi|improve|decrease|learn",
        also=("vectors = [p for p in trainable if p.dim() < 2]",),
    ),
    Mistake(
        name="dice_not_passed_and_first_letter_lost_cosine",
        base="warmup_cosine",
        edits=(
            ("random_(0, n_positions, generator=generator)", "random_(0, n_positions)"),
            ("for i in sorted(itos) if i >= 3]", "for i in sorted(itos) if i > 3]"),
        ),
        says=r"generator|random|seed|same|vocab|character|letter|token",
    ),
    # --- context_managers
    Mistake(
        name="global_dice_not_forked_context",
        base="context_managers",
        edits=(("fork_rng(devices=[])", "fork_rng(devices=[], enabled=False)"),),
        says=r"global|random|state|seed|restore",
    ),
    Mistake(
        name="seed_forgotten_context",
        base="context_managers",
        edits=(("        torch.manual_seed(seed)\n", ""),),
        says=r"seed|random|same|repeat|differ",
        kind="omission",
        also=("yield torch.default_generator", "with torch.random.fork_rng(devices=[]):"),
    ),
    Mistake(
        name="characters_shuffled_context",
        base="context_managers",
        edits=(
            (
                "    ids = torch.as_tensor(ids)\n",
                "    ids = torch.as_tensor(ids)[torch.randperm(len(ids), generator=generator)]\n",
            ),
        ),
        says=r"window|neighbour|order|contiguous|text|later|row|shuffle|consecutive|in a row",
    ),
    Mistake(
        name="scores_scrambled_by_reshape_context",
        base="context_managers",
        edits=(
            (
                "objective(scores.reshape(y.numel(), -1), y.reshape(-1))",
                "objective(scores.transpose(1, 2).reshape(y.numel(), -1), y.reshape(-1))",
            ),
        ),
        says=r"loss|reshape|transpose|improve|decrease|cross|learn",
    ),
    Mistake(
        name="wrong_modules_remembered_context",
        base="context_managers",
        edits=(("if not m.training]", "if m.training]"),),
        says=r"mode|eval|training",
    ),
    # --- closures
    Mistake(
        name="places_past_the_end_closures",
        base="closures",
        edits=(("torch.ones(len(text) - block_size)", "torch.ones(len(text))"),),
        says=r"IndexError|range|end|last|window|exactly",
        kind="raises",
        also=("return text.take(index), text.take(index + 1)",),
    ),
    Mistake(
        name="mean_over_the_classes_closures",
        base="closures",
        edits=((".sum(dim=-1).mean()", ".mean(dim=-1).mean()"),),
        says=r"loss|sum|mean|ln|cross|untrained",
    ),
    Mistake(
        name="nothing_is_written_closures",
        base="closures",
        edits=(("        os.replace(name, path)\n", ""),),
        says=r"FileNotFound|No such file|file|exist|replace|writ",
        kind="omission",
        also=(
            "torch.save(everything, name)",
            "return rebuild(**torch.load(path, weights_only=True))",
            "os.remove(name)",
        ),
    ),
    Mistake(
        name="tensors_in_the_list_closures",
        base="closures",
        edits=(("        return loss.item()\n", "        return loss\n"),),
        says=r"float|Tensor|item",
        also=("losses += [step()]",),
    ),
    Mistake(
        name="one_step_more_and_spaces_between_closures",
        base="closures",
        edits=(
            ("itertools.count(1)", "itertools.count(0)"),
            ('"".join(tokens[3:])', '" ".join(tokens[3:])'),
        ),
        says=r"step|length|many|losses|vocab|character|token|space",
        # counting from 0 is fine, then the end must come one count earlier
        also=("if count > steps:",),
    ),
    Mistake(
        name="colon_forgotten_closures",
        base="closures",
        edits=(("    def draw():\n", "    def draw()\n"),),
        says=r"SyntaxError|syntax|expected ':'|colon",
        kind="import",
    ),
    # --- terse_expert
    Mistake(
        name="parameters_used_up_terse",
        base="terse_expert",
        edits=(("ps = list(model.parameters())", "ps = model.parameters()"),),
        says=r"RuntimeError|TypeError|Tensor|list|generator|parameters",
        kind="raises",
        also=("torch._foreach_lerp_(ms, gs, 1 - b1)",),
    ),
    Mistake(
        name="append_returns_none_terse",
        base="terse_expert",
        edits=(("        log.append(loss.item())", "        log = log.append(loss.item())"),),
        says=r"None|append|AttributeError|TypeError",
        kind="raises",
        also=("on_step and on_step(t, log[-1])",),
    ),
    Mistake(
        name="keys_returned_as_the_model_terse",
        base="terse_expert",
        edits=(("    m.load_state_dict(sd)\n", "    m = m.load_state_dict(sd)\n"),),
        says=r"load_state_dict|MiniGPT|keys|model|type",
        also=('return m, CharTokenizer("".join(chars))',),
    ),
    Mistake(
        name="time_and_rate_swapped_terse",
        base="terse_expert",
        edits=(
            (
                "adamw(ps, ms, vs, t, learning_rate)",
                "adamw(ps, ms, vs, learning_rate, t)",
            ),
        ),
        says=r"loss|improve|decrease|learn|rate|nan|finite|far|diverge|moved",
        also=("def adamw(ps, ms, vs, t, lr, b1=0.9, b2=0.99, wd=0.01):",),
    ),
    Mistake(
        name="targets_are_the_inputs_terse",
        base="terse_expert",
        edits=(("return w[:, :-1], w[:, 1:]", "return w[:, :-1], w[:, :-1]"),),
        says=r"shift|later|next|same|equal|floor|follow",
    ),
]
