"""Wrong transformers in six more styles, by another hand."""

from tests.mistakes import Mistake

LEAK = r"leak|later|earlier|future|before|mask|causal|chang|moved|unchanged|ahead|hidden"
SCALE = r"scal|sqrt|\*\* ?-?0?\.5|head size|divid|agree"
COUNT = r"param|count|145[,_ ]?764|weights|regist|too few"
SHAPE = r"shape|size|dimension|expected .* got|match|broadcast|RuntimeError"
SKIP = r"skip|residual|x \+|stream|adds? to|gets through|shortcut"
POSITION = r"position|place|order|stands"
NAN = r"nan|finite|mask|diagonal|itself"
SOFTMAX = r"softmax|sum|keys|dim|row|probabilit|normal|make 1"
HEADS = r"head|merge|join|split|transpose|" + LEAK

MISTAKES = [
    # annotated
    Mistake(
        name="annotated_clones_without_deepcopy",
        base="annotated",
        edits=(("[copy.deepcopy(module) for _ in range(N)]", "[module for _ in range(N)]"),),
        says=COUNT + r"|copy|shared?|same|layers",
    ),
    Mistake(
        name="annotated_mask_means_the_opposite",
        base="annotated",
        edits=(("return future == 0", "return future == 1"),),
        says=LEAK,
        also=(
            "future = torch.triu(torch.ones(attn_shape), diagonal=1).type(torch.uint8)",
            "mask = subsequent_mask(query.size(-2)).to(query.device)",
            "scores = scores.masked_fill(mask == 0, -1e9)",
        ),
    ),
    Mistake(
        name="annotated_residual_forgotten",
        base="annotated",
        edits=(("return x + sublayer(self.norm(x))", "return sublayer(self.norm(x))"),),
        says=SKIP,
    ),
    Mistake(
        name="annotated_super_init_deleted",
        base="annotated",
        edits=(("        super(PositionwiseFeedForward, self).__init__()\n", ""),),
        says=r"super|__init__|AttributeError|Module|assign",
        kind="omission",
        also=(
            "self.w_1 = nn.Linear(d_model, d_ff)",
            "def __init__(self, d_model, d_ff):",
        ),
    ),
    Mistake(
        name="annotated_two_scale_by_heads_and_no_last_norm",
        base="annotated",
        edits=(
            ("d_k = query.size(-1)", "d_k = query.size(1)"),
            ("return self.norm(x)", "return x"),
        ),
        says=SCALE + r"|norm|gradient|unused|never used",
        also=(
            "scores = torch.matmul(query, key.transpose(-2, -1)) / math.sqrt(d_k)",
            "return self.generator(self.decoder(x))",
        ),
    ),
    # hf_black
    Mistake(
        name="hf_scale_without_sqrt",
        base="hf_black",
        edits=(("attn_weights / (value.size(-1) ** 0.5)", "attn_weights / value.size(-1)"),),
        says=SCALE,
    ),
    Mistake(
        name="hf_mask_value_zero",
        base="hf_black",
        edits=(("mask_value = torch.finfo(attn_weights.dtype).min", "mask_value = 0.0"),),
        says=LEAK + r"|inf|" + NAN,
        also=(
            (
                "mask_value = torch.tensor(mask_value, dtype=attn_weights.dtype, "
                "device=query.device)"
            ),
            "attn_weights = torch.where(causal_mask, attn_weights, mask_value)",
        ),
    ),
    Mistake(
        name="hf_merge_without_permute",
        base="hf_black",
        edits=(("        tensor = tensor.permute(0, 2, 1, 3).contiguous()\n", ""),),
        says=HEADS,
        kind="omission",
        also=(
            "return tensor.view(batch, length, self.num_heads * self.head_dim)",
            "attn_output = self._merge_heads(attn_output, batch, length)",
        ),
    ),
    Mistake(
        name="hf_positions_of_the_batch",
        base="hf_black",
        edits=(
            ("torch.arange(0, input_shape[-1], device", "torch.arange(0, input_shape[0], device"),
        ),
        says=SHAPE + r"|batch|arange|" + POSITION,
        kind="raises",
    ),
    Mistake(
        name="hf_second_residual_not_taken",
        base="hf_black",
        edits=(("        residual = hidden_states  # residual connection\n", ""),),
        says=SKIP + r"|attention|lost",
        kind="omission",
        also=(
            "hidden_states = attn_output + residual",
            "hidden_states = residual + feed_forward_hidden_states",
        ),
    ),
    # raschka
    Mistake(
        name="raschka_layernorm_mean_over_tokens",
        base="raschka",
        edits=(("mean = x.mean(dim=-1, keepdim=True)", "mean = x.mean(dim=1, keepdim=True)"),),
        says=LEAK + r"|norm|mean|dim|" + SHAPE,
    ),
    Mistake(
        name="raschka_triu_without_diagonal",
        base="raschka",
        edits=(("device=queries.device), diagonal=1)", "device=queries.device))"),),
        says=NAN + r"|hidden|sees",
    ),
    Mistake(
        name="raschka_second_shortcut_forgotten",
        base="raschka",
        edits=(("        x = x + shortcut\n        return x\n", "        return x\n"),),
        says=SKIP + r"|lost|nothing",
        kind="omission",
        also=(
            "x = self.ff(x)",
            "return x",
        ),
    ),
    Mistake(
        name="raschka_softmax_dim_1",
        base="raschka",
        edits=(("keys.shape[-1]**0.5, dim=-1)", "keys.shape[-1]**0.5, dim=1)"),),
        says=SOFTMAX + r"|nan|hidden|heads",
    ),
    Mistake(
        name="raschka_view_not_contiguous",
        base="raschka",
        edits=(("context_vec.contiguous().view(", "context_vec.view("),),
        says=r"view|contiguous|stride|reshape|" + SHAPE,
        kind="raises",
        also=("context_vec = context_vec.transpose(1, 2)",),
    ),
    # german_steps
    Mistake(
        name="german_softmax_sum_over_queries",
        base="german_steps",
        edits=(("zaehler.sum(dim=-1, keepdim=True)", "zaehler.sum(dim=-2, keepdim=True)"),),
        says=SOFTMAX,
    ),
    Mistake(
        name="german_mask_never_added",
        base="german_steps",
        edits=(("    punkte = punkte + maske\n", ""),),
        says=LEAK,
        kind="omission",
        also=(
            "maske = zukunft * -10000.0",
            "zaehler = torch.exp(punkte - groesste)",
        ),
    ),
    Mistake(
        name="german_value_from_key_layer",
        base="german_steps",
        edits=(("wert = self.zu_wert(x)", "wert = self.zu_schluessel(x)"),),
        says=r"gradient|zu_wert|unused|never used|param|value|key|depend",
    ),
    Mistake(
        name="german_plain_list_of_layers",
        base="german_steps",
        edits=(("self.schichten = nn.ModuleList(schichten)", "self.schichten = schichten"),),
        says=COUNT + r"|ModuleList|list",
        also=("schichten = []",),
    ),
    Mistake(
        name="german_two_position_of_ids_and_norm_one_twice",
        base="german_steps",
        edits=(
            ("wo = self.orte(stellen)", "wo = self.orte(ids)"),
            ("normiert = self.norm_zwei(summe)", "normiert = self.norm_eins(summe)"),
        ),
        says=POSITION + r"|IndexError|index|range|norm|gradient",
        kind="raises",
        also=(
            "x = was + wo",
            "neu = self.hinauf(normiert)",
        ),
    ),
    # golf
    Mistake(
        name="golf_big_t_transpose",
        base="golf",
        edits=(("q@k.mT*D**-.5", "q@k.T*D**-.5"),),
        says=SHAPE + r"|transpos|mat",
        kind="raises",
    ),
    Mistake(
        name="golf_mask_after_softmax",
        base="golf",
        edits=(
            (
                "w=(s+t.full((T,T),float('-inf'),device=q.device).triu(1)).softmax(-1)",
                "w=s.softmax(-1).tril()",
            ),
        ),
        says=SOFTMAX + r"|mask|order|before",
        also=(
            "s=q@k.mT*D**-.5",
            "return w@v,w",
        ),
    ),
    Mistake(
        name="golf_triu_2",
        base="golf",
        edits=((".triu(1)", ".triu(2)"),),
        says=LEAK + r"|diagonal|tri",
    ),
    Mistake(
        name="golf_head_without_bias",
        base="golf",
        edits=(("s.h=Linear(n_embd,vocab_size)", "s.h=Linear(n_embd,vocab_size,bias=False)"),),
        says=COUNT + r"|bias",
    ),
    Mistake(
        name="golf_two_scores_returned_and_softmax_at_the_end",
        base="golf",
        edits=(
            ("return w@v,w", "return w@v,s"),
            ("return s.h(s.n(s.b(x)))", "return s.h(s.n(s.b(x))).softmax(-1)"),
        ),
        says=SOFTMAX + r"|scores|logits|return|hidden|later|nan|inf|ahead",
    ),
    # rare_torch
    Mistake(
        name="rare_heads_and_width_swapped",
        base="rare_torch",
        edits=(
            (
                "self.split = (3, sizes.n_head, sizes.per_head)",
                "self.split = (3, sizes.per_head, sizes.n_head)",
            ),
        ),
        says=r"swap|exchanged|order|" + HEADS,
        also=(
            "parts = self.into(x).unflatten(-1, self.split)",
            "q, k, v = (part.movedim(-2, 1) for part in parts.unbind(dim=2))",
        ),
    ),
    Mistake(
        name="rare_positions_forgotten",
        base="rare_torch",
        edits=(
            (
                "x = torch.add(self.what(ids), self.where.narrow(0, 0, length))",
                "x = self.what(ids)",
            ),
        ),
        says=POSITION,
        also=("x = reduce(lambda y, layer: layer(y), self.layers, x)",),
    ),
    Mistake(
        name="rare_full_block_refused",
        base="rare_torch",
        edits=(
            ('if length > self.config["block_size"]:', 'if length >= self.config["block_size"]:'),
        ),
        says=r"ValueError|block_size|longest|full|fit|length|size|place",
        kind="raises",
    ),
    Mistake(
        name="rare_return_forgotten",
        base="rare_torch",
        edits=(("        return self.narrow(hidden)\n", ""),),
        says=r"return|None|NoneType|TypeError",
        kind="omission",
        also=("hidden = F.gelu(self.wide(x))",),
    ),
    Mistake(
        name="rare_config_stays_a_dataclass",
        base="rare_torch",
        edits=(("self.config = asdict(sizes)", "self.config = sizes"),),
        says=r"config|dict|TypeError|subscript|Sizes",
        kind="raises",
    ),
]
