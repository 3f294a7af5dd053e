"""Wrong trainers in the latest four styles: first measured, then tuned on."""

from tests.mistakes import Mistake

SHIFT = r"shift|next|later|follow|answer|target"
LEARN = r"learn|fall|fell|decreas|improv|97|optimi[sz]|weights|parameter|loss|update"
WINDOW = r"window|last|every|place|start|block_size|enough|fit|id"
MODE = r"eval|mode|training"
GENERATOR = r"generator|random|seed|draw"

MISTAKES = [
    # chat_numbered_answer
    Mistake(
        name="last_window_never_drawn_chat_numbered_answer",
        base="chat_numbered_answer",
        edits=(("high=len(ids) - block_size,", "high=len(ids) - block_size - 1,"),),
        says=WINDOW,
    ),
    Mistake(
        name="logits_and_answers_not_flattened_chat_numbered_answer",
        base="chat_numbered_answer",
        edits=(
            (
                "logits.reshape(-1, logits.size(-1)),\n                y.reshape(-1),\n",
                "logits,\n                y,\n",
            ),
        ),
        says=r"cross_entropy|shape|size|flatten|reshape|transpose|target|RuntimeError|loss",
        kind="raises",
        also=("logits = model(x)", "loss = F.cross_entropy("),
    ),
    Mistake(
        name="losses_are_tensors_chat_numbered_answer",
        base="chat_numbered_answer",
        edits=(("losses.append(loss.item())", "losses.append(loss)"),),
        says=r"float|tensor|item|number",
    ),
    Mistake(
        name="optimizer_step_forgotten_chat_numbered_answer",
        base="chat_numbered_answer",
        edits=(("            optimizer.step()\n", ""),),
        says=LEARN + "|step|move",
        kind="omission",
        also=("loss.backward()", "losses.append(loss.item())"),
    ),
    Mistake(
        name="ends_in_eval_and_loads_anything_chat_numbered_answer",
        base="chat_numbered_answer",
        edits=(
            ("model.train(was_training)", "model.eval()"),
            ("weights_only=True", "weights_only=False"),
        ),
        says=MODE + r"|weights_only|stranger|code|pickle",
    ),
    # mingpt_callbacks
    Mistake(
        name="zero_grad_forgotten_mingpt_callbacks",
        base="mingpt_callbacks",
        edits=(("            model.zero_grad(set_to_none=True)\n", ""),),
        says=r"zero_grad|gradient|accumulat|pile|earlier",
        kind="omission",
        also=("self.loss.backward()", "self.optimizer.step()"),
    ),
    Mistake(
        name="stops_one_step_late_mingpt_callbacks",
        base="mingpt_callbacks",
        edits=(("self.iter_num >= config.max_iters", "self.iter_num > config.max_iters"),),
        says=r"step|loss|length|too many|one for each|\b\d+ ",
        also=("C = CN(max_iters=steps, batch_size=batch_size, block_size=block_size, seed=seed)",),
    ),
    Mistake(
        name="generator_not_passed_mingpt_callbacks",
        base="mingpt_callbacks",
        edits=(("(batch_size, 1), generator=generator)", "(batch_size, 1))"),),
        says=GENERATOR,
    ),
    Mistake(
        name="loaded_by_another_key_mingpt_callbacks",
        base="mingpt_callbacks",
        edits=(
            (
                'model.load_state_dict(checkpoint["model"])',
                'model.load_state_dict(checkpoint["model_state_dict"])',
            ),
        ),
        says=r"KeyError|key|model_state_dict|load|saved",
        kind="raises",
        also=('"model": model.state_dict(),',),
    ),
    Mistake(
        name="loss_against_the_inputs_mingpt_callbacks",
        base="mingpt_callbacks",
        edits=(("logits.size(-1)), y.view(-1))", "logits.size(-1)), x.view(-1))"),),
        says=SHIFT + "|" + LEARN,
    ),
    # nederlandse_stapjes
    Mistake(
        name="path_stays_text_nederlandse_stapjes",
        base="nederlandse_stapjes",
        edits=(("pad = Path(path)", "pad = path"),),
        says=r"str|Path|with_name|AttributeError|save",
        kind="raises",
        also=('kladje = pad.with_name(pad.name + ".kladje")',),
    ),
    Mistake(
        name="reshaped_not_transposed_nederlandse_stapjes",
        base="nederlandse_stapjes",
        edits=(
            (
                "scores = scores.transpose(1, 2)",
                "scores = scores.reshape(batch_size, -1, block_size)",
            ),
        ),
        says=LEARN + r"|transpose|reshape|shape|cross",
        also=("verlies = verlies_functie(scores, antwoord)",),
    ),
    Mistake(
        name="torch_itself_is_seeded_nederlandse_stapjes",
        base="nederlandse_stapjes",
        edits=(("dobbelsteen.manual_seed(seed)", "torch.manual_seed(seed)"),),
        says=GENERATOR + "|global",
    ),
    Mistake(
        name="weights_not_loaded_nederlandse_stapjes",
        base="nederlandse_stapjes",
        edits=(('    model.load_state_dict(inhoud["gewichten"])\n', ""),),
        says=r"load|saved|came back|comes back|weights|parameter|state_dict",
        kind="omission",
        also=("model = MiniGPT(**config)", "model.eval()"),
    ),
    Mistake(
        name="own_rate_and_specials_cut_twice_nederlandse_stapjes",
        base="nederlandse_stapjes",
        edits=(
            ("lr=learning_rate", "lr=1e-3"),
            ('inhoud["vocab"] = tokenizer.vocab', 'inhoud["vocab"] = tokenizer.vocab[3:]'),
        ),
        says=LEARN + r"|rate|lr|vocab|tokenizer|special",
        also=('letters = inhoud["vocab"][3:]',),
    ),
    # narrow_autograd_grad
    Mistake(
        name="answers_not_shifted_narrow_autograd_grad",
        base="narrow_autograd_grad",
        edits=(("ids.narrow(0, s + 1, block_size)", "ids.narrow(0, s, block_size)"),),
        says=SHIFT,
    ),
    Mistake(
        name="softmax_without_log_narrow_autograd_grad",
        base="narrow_autograd_grad",
        edits=((".log_softmax(dim=-1)", ".softmax(dim=-1)"),),
        says=LEARN + r"|log|softmax|ln|nats|surprise|cross",
        also=("return F.nll_loss(log_p.flatten(0, 1), y.flatten())",),
    ),
    Mistake(
        name="seed_not_used_narrow_autograd_grad",
        base="narrow_autograd_grad",
        edits=(("torch.Generator().manual_seed(seed)", "torch.Generator()"),),
        says=GENERATOR,
    ),
    Mistake(
        name="one_start_too_many_narrow_autograd_grad",
        base="narrow_autograd_grad",
        edits=(("n = ids.numel() - block_size\n", "n = ids.numel() - block_size + 1\n"),),
        says=WINDOW + r"|narrow|exceed|RuntimeError|end|IndexError",
        kind="raises",
    ),
    Mistake(
        name="mode_not_given_back_narrow_autograd_grad",
        base="narrow_autograd_grad",
        edits=(("    model.train(before)\n", ""),),
        says=MODE,
        kind="omission",
        also=("before = model.training", "return history.tolist()"),
    ),
]
