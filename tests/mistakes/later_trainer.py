"""Wrong trainers in nine more styles: first measured, then tuned on."""

from tests.mistakes import Mistake

SHIFT = r"shift|next|later|follow|comes after|comes"
LEARN = (
    r"learn|fall|fell|decreas|improv|97|optimi[sz]|weights|parameter|loss|update|param|step|move"
)
WINDOW = r"window|last|every|place|start|block_size|enough|fit"
MODE = r"eval|mode"
GRADIENTS = r"zero_grad|gradient|accumulat|add up|pile"

MISTAKES = [
    # raschka_chapter5
    Mistake(
        name="stride_of_the_book_raschka",
        base="raschka_chapter5",
        edits=(("        stride=1,\n", "        stride=max_length,\n"),),
        says=WINDOW + "|stride|overlap",
        also=("for i in range(0, len(token_ids) - max_length, stride):",),
    ),
    Mistake(
        name="loss_against_the_inputs_raschka",
        base="raschka_chapter5",
        edits=(
            (
                "logits.flatten(0, 1), target_batch.flatten()",
                "logits.flatten(0, 1), input_batch.flatten()",
            ),
        ),
        says=SHIFT + r"|repeat|target",
    ),
    Mistake(
        name="zero_grad_forgotten_raschka",
        base="raschka_chapter5",
        edits=(
            (
                "        optimizer.zero_grad()  # Reset loss gradients from previous iteration\n",
                "",
            ),
        ),
        says=r"zero_grad|gradient|accumulat|pile|add up",
        kind="omission",
        also=(
            "loss.backward()  # Calculate loss gradients",
            "optimizer.step()  # Update model weights using loss gradients",
            "global_step += 1",
            "train_losses.append(loss.item())",
            "for _ in range(num_steps):",
        ),
    ),
    Mistake(
        name="learning_rate_of_the_book_raschka",
        base="raschka_chapter5",
        edits=(("        lr=learning_rate,\n", "        lr=0.0004,\n"),),
        says=r"learning[ _]rate|lr|" + LEARN,
    ),
    Mistake(
        name="targets_one_short_and_loaded_to_train_on_raschka",
        base="raschka_chapter5",
        edits=(
            ("token_ids[i + 1: i + max_length + 1]", "token_ids[i + 1: i + max_length]"),
            ("    model.eval()\n", "    model.train()\n"),
        ),
        says=r"shape|size|short|block_size|\(4, 7\)|\(4, 6\)|" + MODE,
    ),
    # hf_trainer_memory
    Mistake(
        name="labels_shifted_once_more_hf",
        base="hf_trainer_memory",
        edits=(
            (
                'F.cross_entropy(logits.transpose(1, 2), inputs["labels"])',
                'F.cross_entropy(logits[:, :-1].transpose(1, 2), inputs["labels"][:, 1:])',
            ),
        ),
        says=SHIFT + r"|twice",
    ),
    Mistake(
        name="train_mode_forgotten_hf",
        base="hf_trainer_memory",
        edits=(("        self.model.train()\n", ""),),
        says=MODE,
        kind="omission",
        also=(
            'logits = self.model(inputs["input_ids"])',
            "self.model = model",
            "def train(self) -> List[float]:",
            "for global_step in range(1, self.args.max_steps + 1):",
            "tr_loss = self.training_step(self.get_inputs())",
            "was_training = model.training",
            "return Trainer(model, args, train_ids=ids, callback=on_step).train()",
        ),
    ),
    Mistake(
        name="same_batch_every_step_hf",
        base="hf_trainer_memory",
        edits=(
            (
                "self.args.block_size, self.generator\n",
                "self.args.block_size, torch.Generator().manual_seed(self.args.seed)\n",
            ),
        ),
        says=r"generator|seed|same|batch|window|" + LEARN,
    ),
    Mistake(
        name="config_not_unpacked_hf",
        base="hf_trainer_memory",
        edits=(('MiniGPT(**state["config"])', 'MiniGPT(state["config"])'),),
        says=r"config|\*\*|dict|TypeError",
        kind="raises",
    ),
    Mistake(
        name="losses_are_tensors_and_loads_pickles_hf",
        base="hf_trainer_memory",
        edits=(
            ("return loss.detach().item()", "return loss.detach()"),
            (
                'map_location=torch.device("cpu"), weights_only=True',
                'map_location=torch.device("cpu"), weights_only=False',
            ),
        ),
        says=r"float|item|tensor|weights_only",
        also=(
            "tr_loss = self.training_step(self.get_inputs())",
            "self.log_history.append(tr_loss)",
        ),
    ),
    # kleine_schritte_deutsch
    Mistake(
        name="schritt_nicht_gezaehlt_deutsch",
        base="kleine_schritte_deutsch",
        edits=(("        schritt = schritt + 1\n", ""),),
        says=r"hang|end|stop|loop|second|while|step",
        kind="hangs",
        also=("while schritt <= steps:",),
    ),
    Mistake(
        name="one_start_too_many_deutsch",
        base="kleine_schritte_deutsch",
        edits=(
            (
                "anzahl_starts = anzahl_ids - block_size\n",
                "anzahl_starts = anzahl_ids - block_size + 1\n",
            ),
        ),
        says=WINDOW + r"|stack|size|shape|equal",
        kind="raises",
        also=("wurf = torch.randint(0, anzahl_starts, (1,), generator=generator)",),
    ),
    Mistake(
        name="eval_vergessen_deutsch",
        base="kleine_schritte_deutsch",
        edits=(("    modell.eval()\n", ""),),
        says=MODE,
        kind="omission",
        also=(
            "modell = MiniGPT(**einstellungen)",
            'gewichte = inhalt["gewichte"]',
            'zeichen = "".join(vokabular[3:])',
            "tokenizer = CharTokenizer(zeichen)",
            "return modell, tokenizer",
        ),
    ),
    Mistake(
        name="answers_rolled_deutsch",
        base="kleine_schritte_deutsch",
        edits=(("antwort = fenster[1:]", "antwort = torch.roll(eingabe, -1)"),),
        says=SHIFT + r"|roll|last",
        also=("antworten.append(antwort)",),
    ),
    Mistake(
        name="mode_not_given_back_deutsch",
        base="kleine_schritte_deutsch",
        edits=(("model.train(war_training)", "model.train()"),),
        says=MODE,
    ),
    # jax_minded
    Mistake(
        name="unfold_without_the_answer_jax",
        base="jax_minded",
        edits=(("ids.unfold(0, block_size + 1, 1)", "ids.unfold(0, block_size, 1)"),),
        says=WINDOW + r"|narrow|size|length|exceed|dimension",
        kind="raises",
    ),
    Mistake(
        name="generator_not_passed_jax",
        base="jax_minded",
        edits=(("batch_size, generator=generator, dtype", "batch_size, dtype"),),
        says=r"generator|global|random|seed",
    ),
    Mistake(
        name="softmax_over_positions_jax",
        base="jax_minded",
        edits=(("log_softmax(dim=-1)", "log_softmax(dim=1)"),),
        says=r"dim|softmax|ln 16|2\.77|loss",
    ),
    Mistake(
        name="parameters_used_up_jax",
        base="jax_minded",
        edits=(
            (
                "params = [p for p in model.parameters() if p.requires_grad]",
                "params = (p for p in model.parameters() if p.requires_grad)",
            ),
        ),
        says=r"parameter|grad|generator|empty|move|list",
        kind="raises",
    ),
    Mistake(
        name="vocabulary_sorted_jax",
        base="jax_minded",
        edits=(('tok.CharTokenizer("".join(chars))', 'tok.CharTokenizer("".join(sorted(chars)))'),),
        says=r"vocab|order|sort",
    ),
    # makemore_infinite_loader
    Mistake(
        name="dataset_one_too_short_makemore",
        base="makemore_infinite_loader",
        edits=(
            (
                "return len(self.data) - self.block_size",
                "return len(self.data) - self.block_size - 1",
            ),
        ),
        says=WINDOW,
    ),
    Mistake(
        name="zero_grad_forgotten_makemore",
        base="makemore_infinite_loader",
        edits=(("        model.zero_grad(set_to_none=True)\n", ""),),
        says=GRADIENTS,
        kind="omission",
        also=("loss.backward()", "optimizer.step()"),
    ),
    Mistake(
        name="step_never_counted_makemore",
        base="makemore_infinite_loader",
        edits=(("        step += 1\n", ""),),
        says=r"hang|endless|never|finish|stop|loop|seconds|long|step",
        kind="hangs",
        also=("while True:",),
    ),
    Mistake(
        name="manual_seed_of_torch_makemore",
        base="makemore_infinite_loader",
        edits=(("g = torch.Generator().manual_seed(seed)", "g = torch.manual_seed(seed)"),),
        says=r"global|seed|random|generator",
    ),
    Mistake(
        name="ends_in_eval_and_specials_twice_makemore",
        base="makemore_infinite_loader",
        edits=(
            ("model.train(was_training)", "model.eval()"),
            ('CharTokenizer("".join(itos[3:]))', 'CharTokenizer("".join(itos))'),
        ),
        says=r"eval|mode|vocab|special",
        also=('itos = ckpt["vocab"]',),
    ),
    # lightning_module
    Mistake(
        name="training_step_returns_nothing_lightning",
        base="lightning_module",
        edits=(("        return loss\n", ""),),
        says=r"None|return|backward|loss",
        kind="omission",
        also=("loss = F.cross_entropy(logits.transpose(1, 2), y)",),
    ),
    Mistake(
        name="logits_viewed_as_classes_first_lightning",
        base="lightning_module",
        edits=(
            (
                "F.cross_entropy(logits.transpose(1, 2), y)",
                "F.cross_entropy(logits.view(logits.size(0), -1, logits.size(1)), y)",
            ),
        ),
        says=LEARN + r"|view|transpose|reshape|guess",
    ),
    Mistake(
        name="history_detaches_only_lightning",
        base="lightning_module",
        edits=(("self.values.append(loss.item())", "self.values.append(loss.detach())"),),
        says=r"float|item|tensor|number",
        also=("return history.values",),
    ),
    Mistake(
        name="learning_rate_not_configured_lightning",
        base="lightning_module",
        edits=(
            (
                "torch.optim.AdamW(self.model.parameters(), lr=self.learning_rate)",
                "torch.optim.AdamW(self.model.parameters())",
            ),
        ),
        says=LEARN + r"|rate|lr",
    ),
    Mistake(
        name="state_dict_not_called_lightning",
        base="lightning_module",
        edits=(('"state_dict": model.state_dict(),', '"state_dict": model.state_dict,'),),
        says=r"state_dict|weights_only|load|save|pickle|unsupported|call",
        kind="raises",
    ),
    # italiano_funzioncine
    Mistake(
        name="last_start_never_drawn_italiano",
        base="italiano_funzioncine",
        edits=(("torch.randint(0, ultimo_inizio + 1, ", "torch.randint(0, ultimo_inizio, "),),
        says=WINDOW,
        also=("ultimo_inizio = len(testo) - lunghezza - 1",),
    ),
    Mistake(
        name="minus_forgotten_italiano",
        base="italiano_funzioncine",
        edits=(("return -giuste.mean()", "return giuste.mean()"),),
        says=r"sign|minus|negative|loss|ln 16|wrong way",
        also=(
            "logaritmi = punteggi.log_softmax(dim=-1)",
            "giuste = logaritmi.gather(-1, risposte.unsqueeze(-1))",
            "errore = sorpresa(modello(domande), risposte)",
        ),
    ),
    Mistake(
        name="step_named_but_not_called_italiano",
        base="italiano_funzioncine",
        edits=(("ottimizzatore.step()", "ottimizzatore.step"),),
        says=LEARN,
    ),
    Mistake(
        name="sizes_swapped_in_the_call_italiano",
        base="italiano_funzioncine",
        edits=(
            (
                "get_batch(ids, batch_size, block_size, dado)",
                "get_batch(ids, block_size, batch_size, dado)",
            ),
        ),
        says=r"batch_size|block_size|shape|size",
    ),
    Mistake(
        name="draft_never_renamed_italiano",
        base="italiano_funzioncine",
        edits=(("        bozza.replace(arrivo)\n", ""),),
        says=r"replace|rename|file|temporary|small\.pt|bozza|save",
        kind="omission",
    ),
    # d2l_book
    Mistake(
        name="labels_one_window_later_d2l",
        base="d2l_book",
        edits=(("Y = [data(j + 1) for", "Y = [data(j + num_steps) for"),),
        says=SHIFT + r"|answers|stack|size",
        kind="raises",
    ),
    Mistake(
        name="labels_transposed_as_for_the_rnn_d2l",
        base="d2l_book",
        edits=(("y = Y.reshape(-1)", "y = Y.T.reshape(-1)"),),
        says=LEARN + r"|\.T|transpose|reshape|order|guess",
        also=("y_hat = net(X).flatten(0, 1)",),
    ),
    Mistake(
        name="metric_never_reset_d2l",
        base="d2l_book",
        edits=(("        metric.reset()\n", ""),),
        says=LEARN + r"|reset|mean|average|near|really",
        kind="omission",
        also=("history.append(metric[0] / metric[1])", "metric.add(l.sum(), y.numel())"),
    ),
    Mistake(
        name="backward_of_many_losses_d2l",
        base="d2l_book",
        edits=(("l.mean().backward()", "l.backward()"),),
        says=r"scalar|grad|backward|mean",
        kind="raises",
    ),
    Mistake(
        name="loaded_net_not_in_eval_d2l",
        base="d2l_book",
        edits=(("    net.eval()\n", ""),),
        says=MODE,
        kind="omission",
        also=(
            'net = MiniGPT(**params["config"])',
            'net.load_state_dict(params["params"])',
            "return net, tokenizer",
        ),
    ),
    # strided_step_closure
    Mistake(
        name="one_window_too_many_strided",
        base="strided_step_closure",
        edits=(("n = ids.numel() - block_size", "n = ids.numel() - block_size + 1"),),
        says=r"setStorage|bounds|storage|stride|window|size",
        kind="raises",
    ),
    Mistake(
        name="nll_of_raw_scores_strided",
        base="strided_step_closure",
        edits=(("log_p = F.log_softmax(model(x), dim=-1)", "log_p = model(x)"),),
        says=r"ln 16|first loss|softmax|untrained|log",
        also=("nll = F.nll_loss(log_p.movedim(-1, 1), y)",),
    ),
    Mistake(
        name="closure_called_by_hand_strided",
        base="strided_step_closure",
        edits=(("losses[i] = opt.step(closure).detach()", "losses[i] = closure().detach()"),),
        says=LEARN,
        also=("nll.backward()", "return nll"),
    ),
    Mistake(
        name="x_and_y_unpacked_the_wrong_way_round_strided",
        base="strided_step_closure",
        edits=(("    x, y = pairs.index_select", "    y, x = pairs.index_select"),),
        says=SHIFT + r"|earlier|answers",
        also=("return x, y",),
    ),
    Mistake(
        name="reports_loss_first_and_loads_pickles_strided",
        base="strided_step_closure",
        edits=(
            ("on_step(i + 1, losses[i].item())", "on_step(losses[i].item(), i + 1)"),
            ("weights_only=True", "weights_only=False"),
        ),
        says=r"on_step|round|told|weights_only|code|stranger",
    ),
]
