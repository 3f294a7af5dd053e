"""Wrong modules of loop 2: what learners and language models get wrong in attention and model."""

from tests.mistakes import Mistake

LEAK = r"leak|later|earlier|future|before|mask|causal|chang|moved|unchanged"
SCALE = r"scal|sqrt|\*\* ?-?0\.5|head size|divid"
COUNT = r"param|count|145[,_ ]?764|weights|regist"
SHAPE = r"shape|size|dimension|expected .* got|match|broadcast|RuntimeError"
SKIP = r"skip|residual|x \+|stream"
POSITION = r"position|place|order"
NAN = r"nan|finite|mask|diagonal|itself"

MISTAKES = [
    # nano_gpt
    Mistake(
        name="scale_missing_nano",
        base="nano_gpt",
        edits=(
            (
                "att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))",
                "att = q @ k.transpose(-2, -1)",
            ),
        ),
        says=SCALE,
        also=(
            'att = att.masked_fill(keep == 0, float("-inf"))',
            "att = F.softmax(att, dim=-1)",
        ),
    ),
    Mistake(
        name="triu_instead_of_tril_nano",
        base="nano_gpt",
        edits=(("keep = torch.tril(", "keep = torch.triu("),),
        says=LEAK + r"|triu|tril",
    ),
    Mistake(
        name="positions_start_at_one_nano",
        base="nano_gpt",
        edits=(
            (
                "pos = torch.arange(0, t, dtype=torch.long, device=idx.device)",
                "pos = torch.arange(1, t + 1, dtype=torch.long, device=idx.device)",
            ),
        ),
        says=r"index|range|position|block_size|gradient|arange",
        kind="raises",
        also=("x = self.transformer.wte(idx) + self.transformer.wpe(pos)",),
    ),
    Mistake(
        name="head_without_bias_nano",
        base="nano_gpt",
        edits=(
            (
                "self.lm_head = nn.Linear(config.n_embd, config.vocab_size)",
                "self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)",
            ),
        ),
        says=COUNT + r"|bias",
    ),
    Mistake(
        name="weights_tied_nano",
        base="nano_gpt",
        edits=(
            (
                "        self.apply(self._init_weights)\n",
                '        self.transformer["wte"].weight = self.lm_head.weight\n'
                "        self.apply(self._init_weights)\n",
            ),
        ),
        says=COUNT + r"|tied|tying|shar",
    ),
    Mistake(
        name="heads_merged_without_transpose_nano",
        base="nano_gpt",
        edits=(
            (
                "y = y.transpose(1, 2).contiguous().view(B, T, C)",
                "y = y.contiguous().view(B, T, C)",
            ),
        ),
        says=LEAK + r"|transpose|merge|heads",
        also=("y, _ = causal_attention(q, k, v)", "return self.c_proj(y)"),
    ),
    Mistake(
        name="only_last_position_nano",
        base="nano_gpt",
        edits=(("return self.lm_head(x)", "return self.lm_head(x[:, [-1], :])"),),
        says=SHAPE + r"|last",
    ),
    # beginner_loops
    Mistake(
        name="divided_by_head_size_beginner",
        base="beginner_loops",
        edits=(("score = score / head_size**0.5", "score = score / head_size"),),
        says=SCALE,
        also=(
            "score = (question * seen_keys).sum(dim=3)",
            "weight = torch.softmax(score, dim=2)",
        ),
    ),
    Mistake(
        name="softmax_over_heads_beginner",
        base="beginner_loops",
        edits=(("torch.softmax(score, dim=2)", "torch.softmax(score, dim=1)"),),
        says=r"softmax|sum|dim|keys|\b1(\.0)?\b",
    ),
    Mistake(
        name="last_token_left_out_beginner",
        base="beginner_loops",
        edits=(("for t in range(length):", "for t in range(length - 1):"),),
        says=SHAPE + r"|token",
    ),
    Mistake(
        name="axis_lost_by_indexing_beginner",
        base="beginner_loops",
        edits=(("question = q[:, :, t : t + 1, :]", "question = q[:, :, t, :]"),),
        says=SHAPE,
        kind="raises",
        also=("score = (question * seen_keys).sum(dim=3)",),
    ),
    Mistake(
        name="residual_of_attention_missing_beginner",
        base="beginner_loops",
        edits=(
            (
                "        x = self.mix(x)\n        x = before + x\n",
                "        x = self.mix(x)\n",
            ),
        ),
        says=SKIP,
        kind="omission",
        also=("x = self.mix(x)",),
    ),
    Mistake(
        name="places_looked_up_by_ids_beginner",
        base="beginner_loops",
        edits=(("x = x + self.place_table(places)", "x = x + self.place_table(ids)"),),
        says=POSITION + r"|gradient|index|range",
    ),
    Mistake(
        name="config_without_block_size_beginner",
        base="beginner_loops",
        edits=(('        self.config["block_size"] = block_size\n', ""),),
        says=r"config|block_size|key",
        kind="omission",
    ),
    # einsum_expert
    Mistake(
        name="scores_transposed_einsum",
        base="einsum_expert",
        edits=(('einsum("bhid,bhjd->bhij", q, k)', 'einsum("bhid,bhjd->bhji", q, k)'),),
        says=r"weights|output|attention|scores|query|quer|key|swap|transpos",
    ),
    Mistake(
        name="triu_hides_the_token_itself_einsum",
        base="einsum_expert",
        edits=((".triu(1)", ".triu()"),),
        says=NAN,
        also=("w = s.masked_fill(future, -torch.inf).softmax(-1)",),
    ),
    Mistake(
        name="masked_with_zero_einsum",
        base="einsum_expert",
        edits=(("s.masked_fill(future, -torch.inf)", "s.masked_fill(future, 0.0)"),),
        says=LEAK + r"|inf",
    ),
    Mistake(
        name="both_residuals_missing_einsum",
        base="einsum_expert",
        edits=(("return x + self.inner(self.norm(x))", "return self.inner(self.norm(x))"),),
        says=SKIP,
    ),
    Mistake(
        name="attention_left_out_of_the_model_einsum",
        base="einsum_expert",
        edits=(("            layers += [Residual(n_embd, Attend(n_embd, n_head))]\n", ""),),
        says=COUNT + r"|attention",
        kind="omission",
    ),
    Mistake(
        name="positions_counted_along_the_batch_einsum",
        base="einsum_expert",
        edits=(("self.pos.weight[: ids.shape[1]]", "self.pos.weight[: ids.shape[0]]"),),
        says=SHAPE + r"|tensor",
        kind="raises",
    ),
    Mistake(
        name="softmax_over_queries_and_head_without_bias_einsum",
        base="einsum_expert",
        edits=(
            (
                "w = s.masked_fill(future, -torch.inf).softmax(-1)",
                "w = s.masked_fill(future, -torch.inf).softmax(-2)",
            ),
            (
                "self.head = nn.Linear(n_embd, vocab_size)",
                "self.head = nn.Linear(n_embd, vocab_size, bias=False)",
            ),
        ),
        says=r"softmax|sum|dim|keys|" + COUNT + r"|bias",
    ),
    # fused_kernel
    Mistake(
        name="output_without_is_causal_fused",
        base="fused_kernel",
        edits=(("out = sdpa(q, k, v, is_causal=True)", "out = sdpa(q, k, v)"),),
        says=LEAK,
    ),
    Mistake(
        name="model_without_is_causal_fused",
        base="fused_kernel",
        edits=(("mixed = sdpa(q, k, v, is_causal=True)", "mixed = sdpa(q, k, v)"),),
        says=LEAK,
    ),
    Mistake(
        name="positions_never_added_fused",
        base="fused_kernel",
        edits=(
            (
                "x = self.embed(ids) + self.pos_embed[:, :seq_len]",
                "x = self.embed(ids)",
            ),
        ),
        says=POSITION + r"|pos_embed|gradient",
    ),
    Mistake(
        name="positions_not_a_parameter_fused",
        base="fused_kernel",
        edits=(
            (
                "self.pos_embed = nn.Parameter(torch.randn(1, block_size, n_embd) * 0.02)",
                "self.pos_embed = torch.randn(1, block_size, n_embd) * 0.02",
            ),
        ),
        says=COUNT,
    ),
    Mistake(
        name="dropout_even_in_eval_fused",
        base="fused_kernel",
        edits=(
            (
                "mixed = sdpa(q, k, v, is_causal=True)",
                "mixed = sdpa(q, k, v, dropout_p=0.1, is_causal=True)",
            ),
        ),
        says=r"random|dropout|same|twice|differ|determin|chang|moved",
    ),
    Mistake(
        name="weights_returned_first_fused",
        base="fused_kernel",
        edits=(("return out, weights", "return weights, out"),),
        says=r"order|swap|first|output|weights|shape|tuple",
    ),
    Mistake(
        name="weights_not_causal_and_plain_list_fused",
        base="fused_kernel",
        edits=(
            (
                "weights = sdpa(q, k, eye, is_causal=True)",
                "weights = sdpa(q, k, eye)",
            ),
            (
                "self.layers = nn.ModuleList(Layer(n_embd, n_head) for _ in range(n_layer))",
                "self.layers = [Layer(n_embd, n_head) for _ in range(n_layer)]",
            ),
        ),
        says=LEAK + r"|ModuleList|list|" + COUNT,
    ),
    # multihead_module
    Mistake(
        name="tuple_of_attention_added_multihead",
        base="multihead_module",
        edits=(("attended, _ = self.self_attn(", "attended = self.self_attn("),),
        says=r"tuple|TypeError|operand",
        kind="raises",
        also=("x = x + attended",),
    ),
    Mistake(
        name="mask_not_passed_on_multihead",
        base="multihead_module",
        edits=(("h, h, h, attn_mask=mask, need_weights=False", "h, h, h, need_weights=False"),),
        says=LEAK,
    ),
    Mistake(
        name="mask_true_means_allowed_multihead",
        base="multihead_module",
        edits=(
            (
                "return place.unsqueeze(0) > place.unsqueeze(1)",
                "return place.unsqueeze(0) <= place.unsqueeze(1)",
            ),
        ),
        says=LEAK + "|" + NAN,
    ),
    Mistake(
        name="batch_first_forgotten_multihead",
        base="multihead_module",
        edits=(
            (
                "nn.MultiheadAttention(d_model, nhead, dropout=0.0, batch_first=True)",
                "nn.MultiheadAttention(d_model, nhead, dropout=0.0)",
            ),
        ),
        says=SHAPE + r"|batch|mask",
        kind="raises",
        also=("attended, _ = self.self_attn(h, h, h, attn_mask=mask, need_weights=False)",),
    ),
    Mistake(
        name="final_norm_not_applied_multihead",
        base="multihead_module",
        edits=(("        x = self.final_norm(x)\n", ""),),
        says=r"gradient|norm|grad|unused",
        kind="omission",
        also=("return self.output(x)",),
    ),
    Mistake(
        name="one_block_repeated_multihead",
        base="multihead_module",
        edits=(
            (
                "[DecoderBlock(n_embd, n_head) for _ in range(n_layer)]",
                "[DecoderBlock(n_embd, n_head)] * n_layer",
            ),
        ),
        says=COUNT + r"|shar|same",
    ),
    Mistake(
        name="scores_returned_for_weights_multihead",
        base="multihead_module",
        edits=(
            (
                "return torch.matmul(weights, v), weights",
                "return torch.matmul(weights, v), similarity",
            ),
        ),
        says=r"softmax|sum|weights|negative|scores|inf|\b1(\.0)?\b",
    ),
    # encoder_layer
    Mistake(
        name="default_dropout_encoder",
        base="encoder_layer",
        edits=(("                dropout=0.0,\n", ""),),
        says=r"random|dropout|same|twice|differ|determin|chang|moved",
        kind="omission",
    ),
    Mistake(
        name="default_feedforward_width_encoder",
        base="encoder_layer",
        edits=(("                dim_feedforward=4 * n_embd,\n", ""),),
        says=COUNT,
        kind="omission",
        also=(
            "layer = nn.TransformerEncoderLayer(",
            "batch_first=True,",
            "norm_first=True,",
            ")",
        ),
    ),
    Mistake(
        name="is_causal_without_a_mask_encoder",
        base="encoder_layer",
        edits=(("layer(hidden, src_mask=mask, is_causal=True)", "layer(hidden, is_causal=True)"),),
        says=r"mask|causal|RuntimeError",
        kind="raises",
    ),
    Mistake(
        name="wrong_axes_of_k_transposed_encoder",
        base="encoder_layer",
        edits=(("torch.transpose(k, 2, 3)", "torch.transpose(k, 1, 2)"),),
        says=SHAPE + r"|transpose|mat",
        kind="raises",
    ),
    Mistake(
        name="layer_never_appended_encoder",
        base="encoder_layer",
        edits=(("            self.stack.append(layer)\n", ""),),
        says=r"hang|hung|endless|never|finish|time|loop|seconds|stopped",
        kind="hangs",
        also=("while len(self.stack) < n_layer:", "layer = nn.TransformerEncoderLayer("),
    ),
    Mistake(
        name="config_values_in_wrong_order_encoder",
        base="encoder_layer",
        edits=(
            (
                "dict(zip(names, (vocab_size, n_embd, n_head, n_layer, block_size)))",
                "dict(zip(names, (vocab_size, n_embd, n_layer, n_head, block_size)))",
            ),
        ),
        says=r"config|n_head|n_layer",
        also=('names = ("vocab_size", "n_embd", "n_head", "n_layer", "block_size")',),
    ),
    Mistake(
        name="no_scale_and_no_positions_encoder",
        base="encoder_layer",
        edits=(
            (
                "logits = torch.matmul(q, torch.transpose(k, 2, 3)) / d**0.5",
                "logits = torch.matmul(q, torch.transpose(k, 2, 3))",
            ),
            (
                "hidden = self.words(ids) + self.places(torch.arange(n, device=ids.device))",
                "hidden = self.words(ids)",
            ),
        ),
        says=SCALE + "|" + POSITION + r"|gradient",
        also=(
            "logits = logits + subsequent_mask(n, device=q.device, dtype=q.dtype)",
            "weights = torch.softmax(logits, dim=3)",
        ),
    ),
    # head_modules
    Mistake(
        name="multiplied_by_the_root_heads",
        base="head_modules",
        edits=(
            (
                "wei = q @ k.transpose(-2, -1) * D**-0.5",
                "wei = q @ k.transpose(-2, -1) * D**0.5",
            ),
        ),
        says=SCALE + r"|multipl",
    ),
    Mistake(
        name="dropout_on_by_default_heads",
        base="head_modules",
        edits=(("dropout = 0.0\n", "dropout = 0.2\n"),),
        says=r"random|dropout|same|twice|differ|determin|chang|moved",
    ),
    Mistake(
        name="mask_fixed_at_eight_heads",
        base="head_modules",
        edits=(
            (
                'self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))',
                'self.register_buffer("tril", torch.tril(torch.ones(8, 8)))',
            ),
        ),
        says=SHAPE + r"|mask|tril|tensor",
        kind="raises",
        also=('affinity = affinity.masked_fill(self.tril[:T, :T] == 0, float("-inf"))',),
    ),
    Mistake(
        name="mask_line_missing_in_head_heads",
        base="head_modules",
        edits=(
            (
                '        affinity = affinity.masked_fill(self.tril[:T, :T] == 0, float("-inf"))\n',
                "",
            ),
        ),
        says=LEAK,
        kind="omission",
        also=(
            "affinity = q @ k.transpose(-2, -1) * k.shape[-1] ** -0.5",
            "affinity = F.softmax(affinity, dim=-1)",
        ),
    ),
    Mistake(
        name="heads_in_a_plain_list_heads",
        base="head_modules",
        edits=(
            (
                "nn.ModuleList([Head(n_embd, head_size, block_size) for _ in range(n_head)])",
                "[Head(n_embd, head_size, block_size) for _ in range(n_head)]",
            ),
        ),
        says=COUNT + r"|list",
    ),
    Mistake(
        name="logits_and_loss_returned_heads",
        base="head_modules",
        edits=(("return logits\n", "return logits, None\n"),),
        says=r"tuple|tensor|type|logits",
    ),
    Mistake(
        name="softmax_on_the_logits_heads",
        base="head_modules",
        edits=(("logits = self.lm_head(x)", "logits = F.softmax(self.lm_head(x), dim=-1)"),),
        says=r"logits|softmax|probabilit|negative|sum",
        also=("return logits",),
    ),
    # post_norm
    Mistake(
        name="mean_over_the_tokens_post_norm",
        base="post_norm",
        edits=(("mean = x.mean(dim=-1, keepdim=True)", "mean = x.mean(dim=1, keepdim=True)"),),
        says=LEAK + r"|norm|dim",
    ),
    Mistake(
        name="scaled_by_the_length_post_norm",
        base="post_norm",
        edits=(("/ d_k**0.5 + penalty", "/ n**0.5 + penalty"),),
        says=SCALE,
        also=("n, d_k = Q.shape[-2], Q.shape[-1]",),
    ),
    Mistake(
        name="past_hidden_instead_of_future_post_norm",
        base="post_norm",
        edits=((".triu(diagonal=1)", ".tril(diagonal=-1)"),),
        says=LEAK + r"|triu|tril",
        also=("scores = Q @ K.transpose(2, 3) / d_k**0.5 + penalty",),
    ),
    Mistake(
        name="values_made_from_the_keys_post_norm",
        base="post_norm",
        edits=(("V = self.split(self.W_V(X))", "V = self.split(self.W_K(X))"),),
        says=r"gradient|grad|W_V|unused|param",
    ),
    Mistake(
        name="heads_split_by_view_alone_post_norm",
        base="post_norm",
        edits=(
            (
                "return X.view(batch, n, self.h, self.d_k).permute(0, 2, 1, 3)",
                "return X.view(batch, self.h, n, self.d_k)",
            ),
        ),
        says=LEAK + r"|view|transpose|split|heads",
    ),
    Mistake(
        name="residual_of_attention_missing_post_norm",
        base="post_norm",
        edits=(("X = self.norm_1(X + self.attention(X))", "X = self.norm_1(self.attention(X))"),),
        says=SKIP,
    ),
    Mistake(
        name="return_forgotten_post_norm",
        base="post_norm",
        edits=(("    return A @ V, A\n", ""),),
        says=r"None|return|nothing",
        kind="omission",
    ),
    # numpy_person
    Mistake(
        name="keepdim_forgotten_numpy",
        base="numpy_person",
        edits=(("e.sum(axis=axis, keepdim=True)", "e.sum(axis=axis)"),),
        says=SHAPE + r"|keepdim|tensor",
        kind="raises",
    ),
    Mistake(
        name="tiny_number_instead_of_huge_numpy",
        base="numpy_person",
        edits=(("scores, -1e9)", "scores, -1e-9)"),),
        says=LEAK + r"|1e-?9",
        also=("weights = softmax(scores, axis=-1)",),
    ),
    Mistake(
        name="where_the_wrong_way_round_numpy",
        base="numpy_person",
        edits=(
            (
                "scores = torch.where(visible[np.newaxis, np.newaxis], scores, -1e9)",
                "scores = torch.where(visible[np.newaxis, np.newaxis], -1e9, scores)",
            ),
        ),
        says=LEAK,
        also=("visible = torch.from_numpy(np.tril(np.ones((T, T), dtype=bool))).to(q.device)",),
    ),
    Mistake(
        name="queries_divided_in_place_numpy",
        base="numpy_person",
        edits=(
            (
                "scores = (q @ k.swapaxes(-1, -2)) / np.sqrt(D)",
                "scores = q.div_(np.sqrt(D)) @ k.swapaxes(-1, -2)",
            ),
        ),
        says=r"in.?place|caller|chang|modif|unchanged|as (it|they) w",
    ),
    Mistake(
        name="positions_are_floats_numpy",
        base="numpy_person",
        edits=(("np.arange(ids.shape[1])", "np.arange(ids.shape[1], dtype=np.float32)"),),
        says=r"Long|Int|Float|dtype|scalar type|indices|RuntimeError",
        kind="raises",
        also=("x = self.wt(ids) + self.wp(t)[np.newaxis, :, :]",),
    ),
    Mistake(
        name="first_layer_skipped_numpy",
        base="numpy_person",
        edits=(
            (
                "for i in range(len(self.attention)):",
                "for i in range(1, len(self.attention)):",
            ),
        ),
        says=r"gradient|grad|unused|layer|param",
    ),
    Mistake(
        name="gradient_cut_by_detach_numpy",
        base="numpy_person",
        edits=(
            (
                "y = torch.moveaxis(y, 1, 2).reshape(x.shape)",
                "y = torch.moveaxis(y.detach(), 1, 2).reshape(x.shape)",
            ),
        ),
        says=r"gradient|grad|detach|param",
    ),
    # java_enterprise
    Mistake(
        name="token_hidden_from_itself_java",
        base="java_enterprise",
        edits=(("hidden[row, row + 1 :] = True", "hidden[row, row:] = True"),),
        says=NAN + "|" + LEAK,
    ),
    Mistake(
        name="head_size_is_the_number_of_heads_java",
        base="java_enterprise",
        edits=(("return self.queries.size(dim=3)", "return self.queries.size(dim=1)"),),
        says=SCALE,
        also=(
            "return torch.matmul(self.queries, transposedKeys) / float(self.getHeadSize()) ** 0.5",
        ),
    ),
    Mistake(
        name="super_init_forgotten_java",
        base="java_enterprise",
        edits=(
            (
                "        super().__init__()\n        self.normalizer",
                "        self.normalizer",
            ),
        ),
        says=r"__init__|super|AttributeError",
        kind="raises",
        also=("self.normalizer = torch.nn.LayerNorm(width)",),
    ),
    Mistake(
        name="keys_averaged_instead_of_values_java",
        base="java_enterprise",
        edits=(
            (
                "return torch.matmul(weights, self.values)",
                "return torch.matmul(weights, self.keys)",
            ),
        ),
        says=r"value|output|average|weighted|\bv\b",
    ),
    Mistake(
        name="sub_layers_in_an_array_list_java",
        base="java_enterprise",
        edits=(("return torch.nn.ModuleList(self.subLayers)", "return self.subLayers"),),
        says=COUNT + r"|list",
        also=("self.subLayers = builder.build()",),
    ),
    Mistake(
        name="name_misspelt_in_import_java",
        base="java_enterprise",
        edits=(("import ABC, abstractmethod\n", "import ABC, abstractMethod\n"),),
        says=r"import|abstractMethod",
        kind="import",
    ),
    Mistake(
        name="softmax_over_queries_and_no_residual_java",
        base="java_enterprise",
        edits=(
            (
                "torch.nn.functional.softmax(scores, dim=3)",
                "torch.nn.functional.softmax(scores, dim=2)",
            ),
            (
                "return stream + self.transform(self.normalizer(stream))",
                "return self.transform(self.normalizer(stream))",
            ),
        ),
        says=r"softmax|sum|dim|keys|" + SKIP,
    ),
    # functional_params
    Mistake(
        name="masked_after_softmax_functional",
        base="functional_params",
        edits=(("weights = past / past.sum(dim=-1, keepdim=True)", "weights = past"),),
        says=r"sum|softmax|mask|renorm|\b1(\.0)?\b",
        also=(
            "everywhere = F.softmax(sharp, dim=-1)",
            "past = everywhere * torch.ones(t, t, dtype=q.dtype, device=q.device).tril()",
        ),
    ),
    Mistake(
        name="weights_in_a_plain_dict_functional",
        base="functional_params",
        edits=(
            (
                "nn.ParameterDict({name: nn.Parameter(value) for name, value in p.items()})",
                "{name: nn.Parameter(value) for name, value in p.items()}",
            ),
        ),
        says=COUNT + r"|dict",
    ),
    Mistake(
        name="norm_over_two_axes_functional",
        base="functional_params",
        edits=(("F.layer_norm(x, x.shape[-1:],", "F.layer_norm(x, x.shape[-2:],"),),
        says=SHAPE + r"|norm",
        kind="raises",
    ),
    Mistake(
        name="first_norm_used_twice_functional",
        base="functional_params",
        edits=(
            (
                'return x + think(p, at, norm(p, at + "ln2", x))',
                'return x + think(p, at, norm(p, at + "ln1", x))',
            ),
        ),
        says=r"gradient|grad|ln2|unused|param",
    ),
    Mistake(
        name="result_not_returned_functional",
        base="functional_params",
        edits=(
            (
                'return dense(p, "logits", norm(p, "last", x))',
                'dense(p, "logits", norm(p, "last", x))',
            ),
        ),
        says=r"None|return|nothing|tensor",
    ),
    Mistake(
        name="weights_of_block_zero_everywhere_functional",
        base="functional_params",
        edits=(('names = [f"block{i}_" for i', 'names = ["block0_" for i'),),
        says=r"gradient|grad|unused|block|param",
    ),
    Mistake(
        name="no_scale_and_no_last_norm_functional",
        base="functional_params",
        edits=(
            (
                'sharp = torch.einsum("...qd,...kd->...qk", q, k) / q.shape[-1] ** 0.5',
                'sharp = torch.einsum("...qd,...kd->...qk", q, k)',
            ),
            (
                'return dense(p, "logits", norm(p, "last", x))',
                'return dense(p, "logits", x)',
            ),
        ),
        says=SCALE + r"|gradient|grad|norm|unused",
        also=("everywhere = F.softmax(sharp, dim=-1)",),
    ),
    # while_index
    Mistake(
        name="head_counter_never_moves_while",
        base="while_index",
        edits=(("        h = h + 1\n", ""),),
        says=r"hang|hung|endless|never|finish|time|loop|seconds|stopped",
        kind="hangs",
        also=(
            "while h < nh:",
            "s = torch.matmul(xq[:, h], xk[:, h].transpose(1, 2))",
            "s = s / root",
            's = s.masked_fill(allowed == 0, float("-inf"))',
            "wts[h] = torch.softmax(s, 2)",
            "res[h] = torch.matmul(wts[h], xv[:, h])",
        ),
    ),
    Mistake(
        name="token_may_not_see_itself_while",
        base="while_index",
        edits=(("allowed[i, 0 : i + 1] = 1", "allowed[i, 0:i] = 1"),),
        says=NAN,
    ),
    Mistake(
        name="scale_line_missing_while",
        base="while_index",
        edits=(("        s = s / root\n", ""),),
        says=SCALE + r"|root",
        kind="omission",
        also=(
            "s = torch.matmul(xq[:, h], xk[:, h].transpose(1, 2))",
            's = s.masked_fill(allowed == 0, float("-inf"))',
            "wts[h] = torch.softmax(s, 2)",
        ),
    ),
    Mistake(
        name="keys_not_transposed_while",
        base="while_index",
        edits=(("xk[:, h].transpose(1, 2))", "xk[:, h])"),),
        says=SHAPE + r"|transpose|mat",
        kind="raises",
    ),
    Mistake(
        name="every_token_at_place_zero_while",
        base="while_index",
        edits=(("            where[i] = i\n", ""),),
        says=POSITION + r"|gradient|grad",
        kind="omission",
    ),
    Mistake(
        name="colon_missing_while",
        base="while_index",
        edits=(("    while h < nh:\n", "    while h < nh\n"),),
        says=r"syntax|expected|colon|invalid",
        kind="import",
    ),
    Mistake(
        name="seeded_in_the_constructor_while",
        base="while_index",
        edits=(
            (
                "        nn.Module.__init__(self)\n",
                "        nn.Module.__init__(self)\n        torch.manual_seed(1337)\n",
            ),
        ),
        says=r"seed|random|global",
    ),
    # typed_assistant
    Mistake(
        name="only_the_output_returned_typed",
        base="typed_assistant",
        edits=(("return output, attention_weights", "return output"),),
        says=r"tuple|pair|two|weights|tensor|return",
    ),
    Mistake(
        name="mask_hides_everything_typed",
        base="typed_assistant",
        edits=(("    causal_mask = torch.triu(causal_mask, diagonal=1)\n", ""),),
        says=LEAK + r"|weights|triu|nan",
        kind="omission",
        also=(
            "causal_mask = torch.ones(seq_len, seq_len, dtype=torch.bool, device=query.device)",
            "scores = scores.masked_fill(causal_mask, torch.finfo(scores.dtype).min)",
        ),
    ),
    Mistake(
        name="masked_fill_result_dropped_typed",
        base="typed_assistant",
        edits=(
            (
                "scores = scores.masked_fill(causal_mask, torch.finfo(scores.dtype).min)",
                "scores.masked_fill(causal_mask, torch.finfo(scores.dtype).min)",
            ),
        ),
        says=LEAK,
        also=("attention_weights = torch.softmax(scores, dim=-1)",),
    ),
    Mistake(
        name="positions_up_to_block_size_typed",
        base="typed_assistant",
        edits=(
            (
                "torch.arange(seq_len, device=ids.device)",
                'torch.arange(self.config["block_size"], device=ids.device)',
            ),
        ),
        says=SHAPE + r"|tensor|position",
        kind="raises",
        also=("hidden = self.token_embedding(ids) + self.position_embedding(position_ids)",),
    ),
    Mistake(
        name="default_block_size_halved_typed",
        base="typed_assistant",
        edits=(("block_size: int = 512,", "block_size: int = 256,"),),
        says=COUNT + r"|block_size|default|config|512",
    ),
    Mistake(
        name="forward_without_gradients_typed",
        base="typed_assistant",
        edits=(
            (
                "    def forward(self, ids: torch.Tensor) -> torch.Tensor:\n",
                "    @torch.no_grad()\n    def forward(self, ids: torch.Tensor) -> torch.Tensor:\n",
            ),
        ),
        says=r"gradient|grad|backward",
    ),
    Mistake(
        name="no_scale_and_heads_merged_wrongly_typed",
        base="typed_assistant",
        edits=(
            ("    scores = scores * scale\n", ""),
            (
                "tensor = tensor.transpose(1, 2).contiguous()",
                "tensor = tensor.contiguous()",
            ),
        ),
        says=SCALE + "|" + LEAK + r"|transpose|heads",
        kind="omission",
        also=(
            "scores = torch.matmul(query, key.transpose(-1, -2))",
            "scores = scores.masked_fill(causal_mask, torch.finfo(scores.dtype).min)",
            "attention_weights = torch.softmax(scores, dim=-1)",
            "return tensor.view(batch, seq_len, self.n_head * self.head_dim)",
        ),
    ),
    # bmm_reshape
    Mistake(
        name="ones_added_instead_of_infinity_bmm",
        base="bmm_reshape",
        edits=(
            (
                "bias = lower.log().expand(b * h, t, t)",
                "bias = lower.expand(b * h, t, t)",
            ),
        ),
        says=LEAK,
        also=("lower = torch.ones(t, t, dtype=q.dtype, device=q.device).tril()",),
    ),
    Mistake(
        name="alpha_forgotten_bmm",
        base="bmm_reshape",
        edits=(("k3.transpose(1, 2), alpha=d**-0.5)", "k3.transpose(1, 2))"),),
        says=SCALE + r"|alpha",
    ),
    Mistake(
        name="permute_before_the_merge_missing_bmm",
        base="bmm_reshape",
        edits=(("        y = y.permute(0, 2, 1, 3)\n", ""),),
        says=LEAK + r"|transpose|permute|heads",
        kind="omission",
        also=(
            "y = causal_attention(q, k, v)[0]",
            "return self.merge(y.reshape(b, t, n))",
        ),
    ),
    Mistake(
        name="bias_is_no_parameter_bmm",
        base="bmm_reshape",
        edits=(("self.b = nn.Parameter(torch.zeros(n_out))", "self.b = torch.zeros(n_out)"),),
        says=COUNT + r"|bias",
    ),
    Mistake(
        name="mask_in_double_precision_bmm",
        base="bmm_reshape",
        edits=(
            (
                "lower = torch.ones(t, t, dtype=q.dtype, device=q.device).tril()",
                "lower = torch.ones(t, t, dtype=torch.float64, device=q.device).tril()",
            ),
        ),
        says=r"dtype|double|float|type",
        kind="raises",
        also=(
            "bias = lower.log().expand(b * h, t, t)",
            "p = torch.baddbmm(bias, q3, k3.transpose(1, 2), alpha=d**-0.5).softmax(dim=2)",
        ),
    ),
    Mistake(
        name="always_four_heads_bmm",
        base="bmm_reshape",
        edits=(("        self.heads = heads\n", "        self.heads = 4\n"),),
        says=r"head|n_head|shape|invalid|size",
        kind="raises",
        also=("parts = self.qkv(x).view(b, t, 3, self.heads, n // self.heads)",),
    ),
    Mistake(
        name="diagonal_hidden_and_no_last_norm_bmm",
        base="bmm_reshape",
        edits=(
            (
                "device=q.device).tril()",
                "device=q.device).tril(-1)",
            ),
            (
                "return self.to_vocab(self.after(x))",
                "return self.to_vocab(x)",
            ),
        ),
        says=NAN + r"|gradient|grad|norm|unused",
    ),
]
