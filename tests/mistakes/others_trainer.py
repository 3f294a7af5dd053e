"""Wrong trainers in six more styles, by another hand."""

from tests.mistakes import Mistake

SHIFT = r"shift|next|later|follow"
LEARN = r"learn|fall|fell|decreas|improv|97|optimi[sz]|weights|parameter|loss|update|moves?"
WINDOW = r"window|last|every|place|start|block_size|enough|fit"
MODE = r"eval|mode"
SAVED = r"save|load|checkpoint|comes back|as it was|whole|old file"
DICE = r"global|generator|seed|random|untouched"
FLAT = r"shape|size|batch|target|dimension|flat|reshape|transpose|scrambl|ValueError|RuntimeError"

MISTAKES = [
    # blackened_chatbot
    Mistake(
        name="chatbot_flattens_over_time_axis",
        base="blackened_chatbot",
        edits=(("logits.reshape(-1, logits.size(-1)),", "logits.reshape(-1, logits.size(1)),"),),
        says=FLAT,
        kind="raises",
        also=("return F.cross_entropy(",),
    ),
    Mistake(
        name="chatbot_forgets_generator",
        base="blackened_chatbot",
        edits=(
            (
                "        size=(batch_size, 1),\n        generator=generator,\n",
                "        size=(batch_size, 1),\n",
            ),
        ),
        says=DICE,
        kind="omission",
        also=(
            "start_indices = torch.randint(",
            "low=0,",
            "high=num_windows,",
            "size=(batch_size, 1),",
        ),
    ),
    Mistake(
        name="chatbot_replace_swapped",
        base="blackened_chatbot",
        edits=(("os.replace(tmp_name, target)", "os.replace(target, tmp_name)"),),
        says=SAVED + r"|FileNotFound|No such file|replace|argument",
        kind="raises",
    ),
    Mistake(
        name="chatbot_one_step_less_and_saves_in_place",
        base="blackened_chatbot",
        edits=(
            ("range(1, steps + 1)", "range(1, steps)"),
            ("torch.save(checkpoint, tmp_name)", "torch.save(checkpoint, target)"),
        ),
        says=r"steps?|how many|range|losses|EOF|" + SAVED,
    ),
    # petits_pas_francais
    Mistake(
        name="francais_answers_one_too_short",
        base="petits_pas_francais",
        edits=(("reponse = ids[depart + 1:fin + 1]", "reponse = ids[depart + 1:fin]"),),
        says=SHIFT + r"|shape|short|length|size",
    ),
    Mistake(
        name="francais_never_counts",
        base="petits_pas_francais",
        edits=(("        etape = etape + 1\n", ""),),
        says=r"never ends|an end|endless|loop|forever|busy|second|stop|finish|while",
        kind="omission",
        also=(
            "while etape < steps:",
            "x, y = get_batch(ids, batch_size, block_size, hasard)",
            "scores = model(x)",
            "nombre_lots, longueur, taille_vocab = scores.shape",
            "scores_plats = scores.reshape(nombre_lots * longueur, taille_vocab)",
            "reponses_plates = y.reshape(nombre_lots * longueur)",
            "perte = critere(scores_plats, reponses_plates)",
            "optimiseur.zero_grad()",
            "perte.backward()",
            "optimiseur.step()",
            "valeur = perte.item()",
            "pertes.append(valeur)",
            "if on_step is not None:",
        ),
    ),
    Mistake(
        name="francais_seeds_globally",
        base="petits_pas_francais",
        edits=(("hasard.manual_seed(seed)", "torch.manual_seed(seed)"),),
        says=DICE,
    ),
    Mistake(
        name="francais_return_inside_else",
        base="petits_pas_francais",
        edits=(
            (
                "        model.eval()\n    return pertes",
                "        model.eval()\n        return pertes",
            ),
        ),
        says=r"return|None|indent|list",
        also=(
            "model.train()",
            "else:",
            "model.eval()",
        ),
    ),
    Mistake(
        name="francais_path_plus_str",
        base="petits_pas_francais",
        edits=(('provisoire = chemin + ".provisoire"', 'provisoire = path + ".provisoire"'),),
        says=r"TypeError|str|path|unsupported|" + SAVED,
        kind="raises",
    ),
    # nanogpt_memory
    Mistake(
        name="nanogpt_misses_last_window",
        base="nanogpt_memory",
        edits=(
            (
                "torch.randint(len(data) - block_size, ",
                "torch.randint(len(data) - block_size - 1, ",
            ),
        ),
        says=WINDOW,
    ),
    Mistake(
        name="nanogpt_matrices_in_no_group",
        base="nanogpt_memory",
        edits=(("p.dim() >= 2]", "p.dim() > 2]"),),
        says=LEARN + r"|group|dim",
        also=("nodecay_params = [p for n, p in param_dict.items() if p.dim() < 2]",),
    ),
    Mistake(
        name="nanogpt_no_zero_grad",
        base="nanogpt_memory",
        edits=(("        optimizer.zero_grad(set_to_none=True)\n", ""),),
        says=r"zero_grad|gradient|accumulat|pile|add up|set to zero",
        kind="omission",
        also=(
            "while True:",
            "X, Y = get_batch(ids, batch_size, block_size, g)",
            "logits, loss = forward_loss(model, X, Y)",
            "loss.backward()",
            "optimizer.step()",
            "iter_num += 1",
            "lossf = loss.item()",
            "lossi.append(lossf)",
            "if on_step is not None:",
            "on_step(iter_num, lossf)",
            "if iter_num >= steps:",
            "break",
        ),
    ),
    Mistake(
        name="nanogpt_targets_x_and_ends_in_eval",
        base="nanogpt_memory",
        edits=(
            ("Y.view(-1))", "X.view(-1))"),
            ("    model.train(was_training)\n", "    model.eval()\n"),
        ),
        says=SHIFT + r"|repeat|target|answers|" + MODE,
    ),
    Mistake(
        name="nanogpt_saves_vocab_size",
        base="nanogpt_memory",
        edits=(("'vocab': tokenizer.vocab,", "'vocab': tokenizer.vocab_size,"),),
        says=r"TypeError|subscript|vocab|int|" + SAVED,
        kind="raises",
        also=("checkpoint = {",),
    ),
    # annotated_transformer
    Mistake(
        name="annotated_softmax_without_log",
        base="annotated_transformer",
        edits=(("x = log_softmax(x, dim=-1)", "x = x.softmax(dim=-1)"),),
        says=r"softmax|log|first loss|2\.77|ln|" + LEARN,
        also=(
            (
                "sloss = self.criterion(x.contiguous().view(-1, x.size(-1)), "
                "y.contiguous().view(-1))"
            ),
            "return self.criterion(x, true_dist)",
        ),
    ),
    Mistake(
        name="annotated_sum_of_losses",
        base="annotated_transformer",
        edits=(("return sloss / norm", "return sloss"),),
        says=r"mean|average|sum|added up|divid|first loss|norm|2\.77",
        also=(
            (
                "sloss = self.criterion(x.contiguous().view(-1, x.size(-1)), "
                "y.contiguous().view(-1))"
            ),
            "return self.criterion(x, true_dist)",
            'self.criterion = nn.KLDivLoss(reduction="sum")',
            "loss = loss_compute(out, batch.tgt_y, batch.ntokens)",
        ),
    ),
    Mistake(
        name="annotated_no_backward",
        base="annotated_transformer",
        edits=(("        loss.backward()\n", ""),),
        says=r"backward|gradient|" + LEARN,
        kind="omission",
        also=(
            "optimizer.zero_grad(set_to_none=True)",
            "train_state.step += 1",
            "train_state.samples += batch.src.shape[0]",
            "train_state.tokens += batch.ntokens",
            "optimizer.step()",
        ),
    ),
    Mistake(
        name="annotated_loads_anything",
        base="annotated_transformer",
        edits=(("weights_only=True", "weights_only=False"),),
        says=r"weights_only|stranger|code|safe|pickle",
    ),
    Mistake(
        name="annotated_own_rate_and_specials_twice",
        base="annotated_transformer",
        edits=(
            ("lr=learning_rate, ", "lr=3e-4, "),
            ('saved["vocab"][3:]', 'saved["vocab"]'),
        ),
        says=r"learning.rate|\blr\b|special|vocab|tokenizer|\[3:\]",
    ),
    # fastai_callbacks
    Mistake(
        name="fastai_x_and_y_swapped",
        base="fastai_callbacks",
        edits=(("return seqs[:, :-1], seqs[:, 1:]", "return seqs[:, 1:], seqs[:, :-1]"),),
        says=SHIFT + r"|swap|order|before|earlier",
    ),
    Mistake(
        name="fastai_reshape_for_transpose",
        base="fastai_callbacks",
        edits=(("inp.transpose(1, 2)", "inp.reshape(inp.shape[0], inp.shape[2], inp.shape[1])"),),
        says=FLAT + r"|view|row|" + LEARN,
    ),
    Mistake(
        name="fastai_tells_loss_first",
        base="fastai_callbacks",
        edits=(
            (
                "self.f(learn.iter + 1, learn.loss.item())",
                "self.f(learn.loss.item(), learn.iter + 1)",
            ),
        ),
        says=r"wrong way round|order|on_step|steps? told|tells|argument|swap",
        also=(
            "def __init__(self, f): self.f = f",
            "if on_step is not None: cbs.append(TellCB(on_step))",
        ),
    ),
    Mistake(
        name="fastai_records_tensors",
        base="fastai_callbacks",
        edits=(("self.losses.append(learn.loss.item())", "self.losses.append(learn.loss)"),),
        says=r"float|tensor|number|item",
        also=("return rec.losses",),
    ),
    Mistake(
        name="fastai_loads_in_train_mode",
        base="fastai_callbacks",
        edits=(("    model.eval()\n", ""),),
        says=MODE,
        kind="omission",
        also=(
            "model = MiniGPT(**state['config'])",
            "model.load_state_dict(state['model'])",
            "return model, CharTokenizer(''.join(state['vocab'][3:]))",
        ),
    ),
    # unusual_golf
    Mistake(
        name="golf_windows_without_answer",
        base="unusual_golf",
        edits=(("ids.unfold(0,block_size+1,1)", "ids.unfold(0,block_size,1)"),),
        says=WINDOW + r"|shape|length|size|short|one more",
    ),
    Mistake(
        name="golf_sum_for_mean",
        base="unusual_golf",
        edits=(("[...,0]).mean()", "[...,0]).sum()"),),
        says=r"mean|average|sum|added up|divid|first loss|2\.77",
    ),
    Mistake(
        name="golf_draws_without_replacement",
        base="unusual_golf",
        edits=(("batch_size,True,generator", "batch_size,generator"),),
        says=WINDOW + r"|replacement|sample|RuntimeError|multinomial",
        kind="raises",
    ),
    Mistake(
        name="golf_no_step",
        base="unusual_golf",
        edits=(("    o.step()\n", ""),),
        says=r"step|" + LEARN,
        kind="omission",
        also=(
            "for p,d in zip(P,t.autograd.grad(l,P)):p.grad=d",
            "L+=[l.item()]",
            "if on_step:on_step(len(L),L[-1])",
        ),
    ),
    Mistake(
        name="golf_calls_none",
        base="unusual_golf",
        edits=(("    if on_step:on_step(len(L),L[-1])", "    on_step(len(L),L[-1])"),),
        says=r"on_step|None|callable|TypeError",
        kind="raises",
    ),
]
