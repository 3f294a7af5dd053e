"""Wrong transformers in nine more styles: first measured, then tuned on."""

from tests.mistakes import Mistake

LEAK = r"leak|later|earlier|future|before|mask|causal|chang|moved|unchanged|ahead|hid|sees"
SCALE = r"scal|sqrt|\*\* ?-?0\.5|head size|divid|agree"
SKIP = r"skip|residual|\+|stream|adds?\b|gets? through|is left|lost|nothing of the token"
POSITION = r"position|place|order|stands|arange|index|range|pos_emb|row"
HEADS = r"head|merge|join|split|transpose|permute|view|reshape|stack|shape|size|" + LEAK
NORM = r"norm|gradient|unused|never used|parameter"
COUNT = r"parameter|few|many|bias|145,764"
MASK = r"leak|later|earlier|future|ahead|mask|causal|chang|moved|unchanged|hidden|sees|triangle|tri"
NAN = r"nan|finite|inf|mask|diagonal|itself"
LEARNS = r"gradient|learn|depend|never used|norm"

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
    # recipe_answer
    Mistake(
        name="heads_not_moved_before_tokens_recipe",
        base="recipe_answer",
        edits=(("        return t.transpose(1, 2)\n", "        return t\n"),),
        says=HEADS,
        kind="raises",
        also=("t = t.view(batch_size, seq_len, self.n_head, self.head_dim)",),
    ),
    Mistake(
        name="allowed_is_filled_instead_of_forbidden_recipe",
        base="recipe_answer",
        edits=(("allowed.logical_not(), -torch.inf", "allowed, -torch.inf"),),
        says=MASK + "|" + NAN,
        also=("allowed = torch.ones(seq_len, seq_len, dtype=torch.bool, device=q.device).tril()",),
    ),
    Mistake(
        name="last_norm_not_called_recipe",
        base="recipe_answer",
        edits=(("        x = self.norm(x)\n", ""),),
        says=LEARNS,
        kind="omission",
        also=("return self.head(x)  # (B, T, vocab_size)",),
    ),
    Mistake(
        name="divided_by_head_dim_without_root_recipe",
        base="recipe_answer",
        edits=(("/ math.sqrt(head_dim)", "/ head_dim"),),
        says=SCALE,
    ),
    Mistake(
        name="split_by_head_dim_and_mlp_replaces_stream_recipe",
        base="recipe_answer",
        edits=(
            ("split(self.n_head * self.head_dim, dim=2)", "split(self.head_dim, dim=2)"),
            ("x = x + self.mlp(self.norm_2(x))", "x = self.mlp(self.norm_2(x))"),
        ),
        says=r"unpack|too many values|split|" + SKIP,
        kind="raises",
    ),
    # mingpt_2020
    Mistake(
        name="dropout_left_on_mingpt",
        base="mingpt_2020",
        edits=(("self.drop = nn.Dropout(0.0)", "self.drop = nn.Dropout(0.1)"),),
        says=r"drop|random|differ|same output|twice",
        also=("x = self.drop(token_embeddings + position_embeddings)",),
    ),
    Mistake(
        name="position_t_for_all_tokens_mingpt",
        base="mingpt_2020",
        edits=(("self.pos_emb[:, :t, :]", "self.pos_emb[:, t, :]"),),
        says=POSITION,
        kind="raises",
    ),
    Mistake(
        name="mask_buffer_is_upper_triangle_mingpt",
        base="mingpt_2020",
        edits=(
            (
                "torch.tril(torch.ones(block_size, block_size))",
                "torch.triu(torch.ones(block_size, block_size))",
            ),
        ),
        says=MASK,
    ),
    Mistake(
        name="zero_times_minus_infinity_mingpt",
        base="mingpt_2020",
        edits=(
            (
                "torch.full((T, T), float('-inf')).triu(1)",
                "torch.ones(T, T).triu(1) * float('-inf')",
            ),
        ),
        says=NAN,
    ),
    # jax_vmap
    Mistake(
        name="reduce_forgets_the_state_jax",
        base="jax_vmap",
        edits=(("reduce(lambda h, layer: layer(h),", "reduce(lambda _, layer: layer(h),"),),
        says=r"did not move|does not see|gradient|skip|depend|lost|layer|attention",
    ),
    Mistake(
        name="weights_before_output_jax",
        base="jax_vmap",
        edits=(("return probs @ v, probs", "return probs, probs @ v"),),
        says=r"way round|first|order|output|shape",
    ),
    Mistake(
        name="mapped_over_batch_only_jax",
        base="jax_vmap",
        edits=(("vmap(vmap(_attend))", "vmap(_attend)"),),
        says=r"unpack|too many values|vmap|shape|dimension",
        kind="raises",
    ),
    Mistake(
        name="residual_without_its_sum_jax",
        base="jax_vmap",
        edits=(("return x + super().forward(x)", "return super().forward(x)"),),
        says=SKIP,
    ),
    Mistake(
        name="keys_ask_queries_and_head_sizes_swapped_jax",
        base="jax_vmap",
        edits=(
            ('"id,jd->ij"', '"id,jd->ji"'),
            ("z.unflatten(-1, (self.H, -1))", "z.unflatten(-1, (-1, self.H))"),
        ),
        says=r"wrong way round|queries|keys|einsum|transpos|agree|number of heads|exchang|head",
    ),
    # opennmt_2018
    Mistake(
        name="attention_replaces_inputs_opennmt",
        base="opennmt_2018",
        edits=(("        query = query + inputs\n", ""),),
        says=SKIP,
        kind="omission",
        also=(
            "query = self.self_attn(input_norm)",
            "output = self.feed_forward(query)",
        ),
    ),
    Mistake(
        name="query_never_scaled_opennmt",
        base="opennmt_2018",
        edits=(("    query = query / math.sqrt(dim_per_head)\n", ""),),
        says=SCALE,
        kind="omission",
        also=(
            "scores = torch.matmul(query, key.transpose(2, 3))",
            "scores = scores.masked_fill(mask, -1e18)",
            "attn = softmax(scores)",
        ),
    ),
    Mistake(
        name="steps_count_from_one_opennmt",
        base="opennmt_2018",
        edits=(("torch.arange(0, tgt_len,", "torch.arange(1, tgt_len + 1,"),),
        says=POSITION,
        kind="raises",
    ),
    Mistake(
        name="query_made_by_key_layer_opennmt",
        base="opennmt_2018",
        edits=(("shape(self.linear_query(inputs))", "shape(self.linear_keys(inputs))"),),
        says=r"gradient|linear_query|quer|depend|learn",
    ),
    Mistake(
        name="mask_equals_zero_opennmt",
        base="opennmt_2018",
        edits=(("subsequent.eq(1)", "subsequent.eq(0)"),),
        says=MASK,
        also=(
            "subsequent = torch.triu(torch.ones(length, length), diagonal=1)",
            "scores = scores.masked_fill(mask, -1e18)",
        ),
    ),
    # fisico_italiano
    Mistake(
        name="energy_without_minus_fisico",
        base="fisico_italiano",
        edits=(("energia = -prodotti.sum(dim=-1)", "energia = prodotti.sum(dim=-1)"),),
        says=r"sign|minus|negat|agree|more weight|scores?|opposite",
        also=("prodotti = q.unsqueeze(-2) * k.unsqueeze(-3)",),
    ),
    Mistake(
        name="partition_without_keepdim_fisico",
        base="fisico_italiano",
        edits=(("Z = boltzmann.sum(dim=-1, keepdim=True)", "Z = boltzmann.sum(dim=-1)"),),
        says=r"keepdim|size|shape|dimension|match|broadcast",
        kind="raises",
        also=("pesi = boltzmann / Z",),
    ),
    Mistake(
        name="future_has_lowest_energy_fisico",
        base="fisico_italiano",
        edits=(("masked_fill(j > i, inf)", "masked_fill(j > i, -inf)"),),
        says=NAN + "|" + MASK,
    ),
    Mistake(
        name="future_never_masked_fisico",
        base="fisico_italiano",
        edits=(("    energia = energia.masked_fill(j > i, inf)\n", ""),),
        says=MASK,
        kind="omission",
        also=(
            "energia = -prodotti.sum(dim=-1) / dimensione ** 0.5",
            "fondamentale = energia.amin(dim=-1, keepdim=True)",
            "boltzmann = torch.exp(fondamentale - energia)",
        ),
    ),
    Mistake(
        name="each_token_mixes_only_itself_fisico",
        base="fisico_italiano",
        edits=(("v.unsqueeze(-3)).sum(dim=-2)", "v.unsqueeze(-2)).sum(dim=-2)"),),
        says=r"values?|mix|weights|matmul|unsqueeze|sum|@|output",
    ),
]
