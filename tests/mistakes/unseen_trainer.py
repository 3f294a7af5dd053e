"""Wrong modules of loop 3 in styles that nobody had seen when the search was built."""

from tests.mistakes import Mistake

SHIFT = r"shift|next|later|follow|comes after"
LEARN = r"learn|fall|fell|decreas|improv|97|optimi[sz]|weights|parameter|loss|update"
WINDOW = r"window|last|every|place|start|block_size|enough|fit"
MODE = r"eval|mode"

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
]
