"""Wrong transformers in four styles on which nothing was tuned."""

from tests.mistakes import Mistake

LEAK = r"leak|later|earlier|future|before|ahead|mask|causal|chang|moved|unchanged|diagonal"
SCALE = r"scal|sqrt|\*\* ?-?0\.5|head size|divid|agree"
SKIP = r"skip|residual|x \+|stream|adds? to|gets through|was there"
POSITION = r"position|place|order|stands"
NAN = r"nan|finite|mask|diagonal|itself|triu"
SOFTMAX = r"softmax|sum|keys|dim|row|probabilit|normal|make 1|add up"
HEADS = r"head|merge|join|split|transpose|swapaxes|permute|side by side|" + LEAK

MISTAKES = [
    # bert_class_tree
    Mistake(
        name="scale_forgotten_bert_class_tree",
        base="bert_class_tree",
        edits=(("    attention_scores = attention_scores / math.sqrt(q.size(-1))\n", ""),),
        says=SCALE,
        kind="omission",
        also=(
            "attention_scores = torch.matmul(q, k.transpose(-1, -2))",
            "attention_scores = attention_scores + extended_attention_mask",
            "attention_probs = nn.functional.softmax(attention_scores, dim=-1)",
        ),
    ),
    Mistake(
        name="one_minus_forgotten_in_mask_bert_class_tree",
        base="bert_class_tree",
        edits=(
            (
                "(1.0 - extended_attention_mask) * torch.finfo(q.dtype).min",
                "extended_attention_mask * torch.finfo(q.dtype).min",
            ),
        ),
        says=LEAK,
        also=(
            "attention_mask = torch.ones(seq_length, seq_length, device=q.device).tril()",
            "extended_attention_mask = attention_mask[None, None, :, :]",
            "attention_scores = attention_scores + extended_attention_mask",
        ),
    ),
    Mistake(
        name="input_tensor_not_added_bert_class_tree",
        base="bert_class_tree",
        edits=(
            (
                "hidden_states = self.LayerNorm(hidden_states + input_tensor)",
                "hidden_states = self.LayerNorm(hidden_states)",
            ),
        ),
        says=SKIP,
        also=("hidden_states = self.dense(hidden_states)", "return hidden_states"),
    ),
    Mistake(
        name="contiguous_forgotten_before_view_bert_class_tree",
        base="bert_class_tree",
        edits=(
            (
                "context_layer = context_layer.permute(0, 2, 1, 3).contiguous()",
                "context_layer = context_layer.permute(0, 2, 1, 3)",
            ),
        ),
        says=r"contiguous|view|reshape|stride",
        kind="raises",
        also=("return context_layer.view(new_context_layer_shape)",),
    ),
    Mistake(
        name="input_ids_for_position_ids_bert_class_tree",
        base="bert_class_tree",
        edits=(
            (
                "position_embeds = self.position_embeddings(position_ids)",
                "position_embeds = self.position_embeddings(input_ids)",
            ),
        ),
        says=POSITION + r"|index|range|input_ids",
        kind="raises",
    ),
    # chat_keyword_calls
    Mistake(
        name="three_after_the_heads_in_view_chat_keyword_calls",
        base="chat_keyword_calls",
        edits=(
            (
                "qkv.view(batch_size, seq_len, 3, self.num_heads, self.head_dim)",
                "qkv.view(batch_size, seq_len, self.num_heads, 3, self.head_dim)",
            ),
        ),
        says=r"unpack|too many|expected 3|three|view|permute|unbind|shape|head",
        kind="raises",
        also=("q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(dim=0)",),
    ),
    Mistake(
        name="softmax_instead_of_logits_chat_keyword_calls",
        base="chat_keyword_calls",
        edits=(("        return logits\n", "        return F.softmax(logits, dim=-1)\n"),),
        says=r"softmax|logits|raw|score|probabilit|negative",
        also=("logits = self.lm_head(hidden)",),
    ),
    Mistake(
        name="out_proj_never_called_chat_keyword_calls",
        base="chat_keyword_calls",
        edits=(("        return self.out_proj(context)\n", "        return context\n"),),
        says=r"out_proj|gradient|output|never|not used|unused|projection",
        also=("context = context.transpose(1, 2).reshape(batch_size, seq_len, embed_dim)",),
    ),
    Mistake(
        name="last_norm_forgotten_chat_keyword_calls",
        base="chat_keyword_calls",
        edits=(("        hidden = self.ln_final(hidden)\n", ""),),
        says=r"norm|ln_final|gradient|never|not used|unused",
        kind="omission",
        also=("hidden = self.blocks(hidden)", "logits = self.lm_head(hidden)"),
    ),
    Mistake(
        name="two_diagonal_0_and_ffn_replaces_stream_chat_keyword_calls",
        base="chat_keyword_calls",
        edits=(
            ("        diagonal=1,\n", "        diagonal=0,\n"),
            ("x = x + self.ffn(self.ln_ffn(x))", "x = self.ffn(self.ln_ffn(x))"),
        ),
        says=NAN + "|" + SKIP,
    ),
    # movedim_logsumexp
    Mistake(
        name="le_instead_of_ge_movedim_logsumexp",
        base="movedim_logsumexp",
        edits=(("when.unsqueeze(-1).ge(when)", "when.unsqueeze(-1).le(when)"),),
        says=LEAK,
        also=("scores = torch.where(seen, scores, scores.new_tensor(-torch.inf))",),
    ),
    Mistake(
        name="keepdim_forgotten_in_logsumexp_movedim_logsumexp",
        base="movedim_logsumexp",
        edits=(
            (
                "torch.logsumexp(scores, dim=-1, keepdim=True)",
                "torch.logsumexp(scores, dim=-1)",
            ),
        ),
        says=r"keepdim|unsqueeze|dimension|size of tensor|shape|must match",
        kind="raises",
        also=("weights = torch.exp(scores - log_total)",),
    ),
    Mistake(
        name="result_of_add_dropped_movedim_logsumexp",
        base="movedim_logsumexp",
        edits=(("x = torch.add(x, self.mixer(x))", "torch.add(x, self.mixer(x))"),),
        says=SKIP + "|" + LEAK + r"|mixer|attention|gradient|dropped|result|unused|never|=",
    ),
    Mistake(
        name="future_never_hidden_movedim_logsumexp",
        base="movedim_logsumexp",
        edits=(("    scores = torch.where(seen, scores, scores.new_tensor(-torch.inf))\n", ""),),
        says=LEAK,
        kind="omission",
        also=(
            "scores = torch.matmul(q, k.mT).mul(q.size(-1) ** -0.5)",
            "when = torch.arange(q.size(-2), device=q.device)",
            "seen = when.unsqueeze(-1).ge(when)  # may the row's token see the column's?",
        ),
    ),
    Mistake(
        name="config_swaps_heads_and_layers_movedim_logsumexp",
        base="movedim_logsumexp",
        edits=(
            (
                "zip(SIZES, (vocab_size, n_embd, n_head, n_layer, block_size))",
                "zip(SIZES, (vocab_size, n_embd, n_layer, n_head, block_size))",
            ),
        ),
        says=r"config|n_head|n_layer|sizes",
        also=('SIZES = ("vocab_size", "n_embd", "n_head", "n_layer", "block_size")',),
    ),
    # espanol_apuntes
    Mistake(
        name="heads_joined_without_turning_back_espanol_apuntes",
        base="espanol_apuntes",
        edits=(("mezcla.swapaxes(1, 2).reshape(B, T, C)", "mezcla.reshape(B, T, C)"),),
        says=HEADS,
    ),
    Mistake(
        name="softmax_over_queries_espanol_apuntes",
        base="espanol_apuntes",
        edits=(("softmax = nn.Softmax(dim=-1)", "softmax = nn.Softmax(dim=-2)"),),
        says=SOFTMAX,
        also=("pesos = softmax(parecido)",),
    ),
    Mistake(
        name="activation_forgotten_espanol_apuntes",
        base="espanol_apuntes",
        edits=(("        ancho = torch.relu(ancho)\n", ""),),
        says=r"bend|activation|gelu|relu|linear|feed-forward|mlp",
        kind="omission",
        also=(
            'ancho = self.capas[f"ancha{i}"](x)',
            'return self.capas[f"estrecha{i}"](ancho)',
        ),
    ),
    Mistake(
        name="keys_mixed_instead_of_values_espanol_apuntes",
        base="espanol_apuntes",
        edits=(("mezcla = torch.matmul(pesos, v)", "mezcla = torch.matmul(pesos, k)"),),
        says=r"value|mix|gradient|\bv\b|output",
    ),
    Mistake(
        name="two_no_root_and_value_from_key_layer_espanol_apuntes",
        base="espanol_apuntes",
        edits=(
            ("parecido = parecido / sqrt(D)", "parecido = parecido / D"),
            (
                'v = self.en_cabezas(self.capas[f"valor{i}"](x))',
                'v = self.en_cabezas(self.capas[f"clave{i}"](x))',
            ),
        ),
        says=SCALE + r"|value|valor|gradient",
    ),
]
