"""Unseen wrong modules of loop 2: held out, nobody tuned the diagnosis on these styles."""

from tests.mistakes import Mistake

LEAK = r"leak|later|earlier|future|before|mask|causal|chang|moved|unchanged|ahead|hid|sees"
SCALE = r"scal|sqrt|\*\* ?-?0\.5|head size|divid|agree"
SKIP = r"skip|residual|x \+|\+ x|stream|adds? to|gets? through|is left|is lost"
POSITION = r"position|place|order|stands|arange"
HEADS = r"head|merge|join|split|transpose|permute|view|reshape|stack|" + LEAK
NORM = r"norm|gradient|unused|never used|parameter"
COUNT = r"parameter|few|many|bias|145,764"

MISTAKES = [
    # llama_args
    Mistake(
        name="tiny_number_instead_of_minus_infinity_llama",
        base="llama_args",
        edits=(
            (
                'mask = torch.full((seqlen, seqlen), float("-inf"), device=xq.device)',
                "mask = torch.full((seqlen, seqlen), -1e-9, device=xq.device)",
            ),
        ),
        says=LEAK + r"|inf|1e-9",
    ),
    Mistake(
        name="output_layer_without_bias_llama",
        base="llama_args",
        edits=(
            (
                "self.wo = nn.Linear(args.n_head * self.head_dim, args.n_embd, bias=True)",
                "self.wo = nn.Linear(args.n_head * self.head_dim, args.n_embd, bias=False)",
            ),
        ),
        says=COUNT,
    ),
    Mistake(
        name="last_norm_never_applied_llama",
        base="llama_args",
        edits=(("        h = self.norm(h)\n", ""),),
        says=NORM,
        kind="omission",
        also=("return self.output(h)",),
    ),
    Mistake(
        name="mean_without_keepdim_llama",
        base="llama_args",
        edits=(("mean = x.mean(-1, keepdim=True)", "mean = x.mean(-1)"),),
        says=r"keepdim|mean|shape|size|dimension|broadcast|RuntimeError|norm",
        kind="raises",
        also=("normed = (x - mean) * torch.rsqrt(var + self.eps)",),
    ),
    Mistake(
        name="keys_from_query_layer_and_attention_dropped_llama",
        base="llama_args",
        edits=(
            (
                "xq, xk, xv = self.wq(x), self.wk(x), self.wv(x)",
                "xq, xk, xv = self.wq(x), self.wq(x), self.wv(x)",
            ),
            (
                "out = h + self.feed_forward(self.ffn_norm(h))",
                "out = x + self.feed_forward(self.ffn_norm(h))",
            ),
        ),
        says=SKIP + r"|wk|gradient|attention found",
    ),
    # lucid_prenorm
    Mistake(
        name="triu_hides_the_token_itself_lucid",
        base="lucid_prenorm",
        edits=(("device = device).triu(j - i + 1)", "device = device).triu(j - i)"),),
        says=LEAK + r"|triu|diagonal|itself",
        also=("sim = sim.masked_fill(causal_mask, -torch.finfo(sim.dtype).max)",),
    ),
    Mistake(
        name="scale_grows_instead_of_shrinking_lucid",
        base="lucid_prenorm",
        edits=(("scale = q.shape[-1] ** -0.5", "scale = q.shape[-1] ** 0.5"),),
        says=SCALE,
        also=("sim = einsum('b h i d, b h j d -> b h i j', q, k) * scale",),
    ),
    Mistake(
        name="heads_split_by_reshape_alone_lucid",
        base="lucid_prenorm",
        edits=(("t.reshape(b, n, h, -1).transpose(1, 2)", "t.reshape(b, h, n, -1)"),),
        says=HEADS,
    ),
    Mistake(
        name="prenorm_does_not_normalize_lucid",
        base="lucid_prenorm",
        edits=(("        x = self.norm(x)\n", ""),),
        says=NORM,
        kind="omission",
        also=("return self.fn(x, **kwargs)",),
    ),
    Mistake(
        name="pair_of_attention_not_unpacked_lucid",
        base="lucid_prenorm",
        edits=(("out, _ = causal_attention(q, k, v)", "out = causal_attention(q, k, v)"),),
        says=r"tuple|unpack|two|attribute|transpose|AttributeError",
        kind="raises",
        also=("out = out.transpose(1, 2).reshape(b, n, -1)",),
    ),
    # etudiante_listes
    Mistake(
        name="places_never_added_etudiante",
        base="etudiante_listes",
        edits=(("        x = x + self.places(instants)\n", ""),),
        says=POSITION + "|gradient",
        kind="omission",
        also=("x = self.lettres(ids)",),
    ),
    Mistake(
        name="where_the_wrong_way_round_etudiante",
        base="etudiante_listes",
        edits=(
            (
                "scores = torch.where(permis, scores, moins_infini)",
                "scores = torch.where(permis, moins_infini, scores)",
            ),
        ),
        says=LEAK + r"|nan|finite|where",
        also=("permis = lignes >= colonnes",),
    ),
    Mistake(
        name="heads_stacked_after_the_tokens_etudiante",
        base="etudiante_listes",
        edits=(("return torch.stack(morceaux, dim=1)", "return torch.stack(morceaux, dim=2)"),),
        says=HEADS + r"|dim|size|multipl|RuntimeError",
        kind="raises",
    ),
    Mistake(
        name="one_layer_times_n_layer_etudiante",
        base="etudiante_listes",
        edits=(
            (
                "self.larges = nn.ModuleList([nn.Linear(n_embd, 4 * n_embd) for _ in couches])",
                "self.larges = nn.ModuleList([nn.Linear(n_embd, 4 * n_embd)] * n_layer)",
            ),
        ),
        says=COUNT,
    ),
    Mistake(
        name="divided_by_head_size_and_thought_replaces_stream_etudiante",
        base="etudiante_listes",
        edits=(
            ("scores = scores / math.sqrt(D)", "scores = scores / D"),
            ("x = x + etroite(y)", "x = etroite(y)"),
        ),
        says=SCALE + "|" + SKIP,
        also=(
            "scores = torch.matmul(q, k_tournee)",
            "scores = torch.where(permis, scores, moins_infini)",
            "poids = torch.softmax(scores, dim=3)",
        ),
    ),
    # fastai_residuals
    Mistake(
        name="div_line_forgotten_fastai",
        base="fastai_residuals",
        edits=(("    acts.div_(math.sqrt(d))\n", ""),),
        says=SCALE,
        kind="omission",
        also=("acts = q@k.mT", "acts.add_(future)", "wgts = acts.softmax(-1)"),
    ),
    Mistake(
        name="residual_without_plus_fastai",
        base="fastai_residuals",
        edits=(
            (
                "def forward(self, x): return x + self.layers(x)",
                "def forward(self, x): return self.layers(x)",
            ),
        ),
        says=SKIP,
    ),
    Mistake(
        name="weights_not_returned_fastai",
        base="fastai_residuals",
        edits=(("return wgts@v, wgts", "return wgts@v"),),
        says=r"two tensors|return|weights|output|tuple|unpack",
    ),
    Mistake(
        name="a_place_for_each_letter_of_the_alphabet_fastai",
        base="fastai_residuals",
        edits=(("AddPos(block_size, n_embd)", "AddPos(vocab_size, n_embd)"),),
        says=COUNT + "|" + POSITION + "|block_size",
    ),
    Mistake(
        name="permute_keeps_tokens_before_heads_fastai",
        base="fastai_residuals",
        edits=(("acts.permute(2, 0, 3, 1, 4)", "acts.permute(2, 0, 1, 3, 4)"),),
        says=HEADS,
    ),
]
