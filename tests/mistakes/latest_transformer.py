"""Wrong transformers in the latest four styles: first measured, then tuned on."""

from tests.mistakes import Mistake

MASK = r"leak|later|earlier|future|before|mask|causal|sees|look|hidden|hides|past"
SCALE = r"scal|sqrt|\*\* ?-?0\.5|head size|divid|agree"
SKIP = r"skip|residual|x \+|stream|adds? to|lost|gets through|nothing of the token"
POSITION = r"position|place|order|stands"
SOFTMAX = r"softmax|share|1\.00|dim|make 1 together|column"
SHAPE = r"shape|size|transpose|permute|view|reshape|dimension|must match|broadcast"
GRADIENT = r"gradient|learns|depend|unused|not used"
PARAMETERS = r"parameter|bias|too few"

MISTAKES = [
    # d2l_book
    Mistake(
        name="valid_lengths_start_at_zero_d2l_book",
        base="d2l_book",
        edits=(
            (
                "dec_valid_lens = torch.arange(1, num_steps + 1, device=queries.device)",
                "dec_valid_lens = torch.arange(num_steps, device=queries.device)",
            ),
        ),
        says=MASK + r"|itself|arange",
        also=(
            "mask = torch.arange(maxlen, device=X.device)[None, :] < valid_lens[:, None]",
            "attention_weights = masked_softmax(scores, dec_valid_lens)",
        ),
    ),
    Mistake(
        name="output_never_permuted_back_d2l_book",
        base="d2l_book",
        edits=(("        X = X.permute(0, 2, 1, 3)\n", ""),),
        says=SHAPE + r"|heads?|mat1|multipl|join|merge",
        kind="omission",
        also=(
            "return X.reshape(X.shape[0], X.shape[1], -1)",
            "output_concat = self.transpose_output(output)",
        ),
    ),
    Mistake(
        name="addnorm_without_add_d2l_book",
        base="d2l_book",
        edits=(("return self.ln(Y + X)", "return self.ln(Y)"),),
        says=SKIP + r"|" + MASK,
    ),
    Mistake(
        name="keys_projected_by_w_q_d2l_book",
        base="d2l_book",
        edits=(("self.transpose_qkv(self.W_k(keys))", "self.transpose_qkv(self.W_q(keys))"),),
        says=GRADIENT + r"|W_k|keys",
    ),
    Mistake(
        name="two_scale_missing_and_first_x_in_second_addnorm_d2l_book",
        base="d2l_book",
        edits=(
            (
                "scores = torch.matmul(queries, keys.transpose(2, 3)) / math.sqrt(d)",
                "scores = torch.matmul(queries, keys.transpose(2, 3))",
            ),
            ("return self.addnorm2(Y, self.ffn(Y))", "return self.addnorm2(X, self.ffn(Y))"),
        ),
        says=SCALE + r"|" + SKIP,
        also=("attention_weights = masked_softmax(scores, dec_valid_lens)",),
    ),
    # fairseq_time_first
    Mistake(
        name="scaling_never_used_fairseq_time_first",
        base="fairseq_time_first",
        edits=(("    q = q * scaling\n", ""),),
        says=SCALE,
        kind="omission",
        also=(
            "q = q.reshape(bsz * num_heads, tgt_len, head_dim)",
            "k = k.reshape(bsz * num_heads, tgt_len, head_dim)",
            "attn_weights = torch.bmm(q, k.transpose(1, 2))",
            "attn_weights = attn_weights + self_attn_mask.unsqueeze(0)",
            "attn_weights = F.softmax(attn_weights.float(), dim=-1).type_as(attn_weights)",
        ),
    ),
    Mistake(
        name="heads_before_batch_fairseq_time_first",
        base="fairseq_time_first",
        edits=((".permute(1, 2, 0, 3)", ".permute(2, 1, 0, 3)"),),
        says=MASK + r"|heads?|sequence|moved|permute",
        also=("attn = attn.permute(2, 0, 1, 3).reshape(tgt_len, bsz, embed_dim)",),
    ),
    Mistake(
        name="softmax_dim_1_after_bmm_fairseq_time_first",
        base="fairseq_time_first",
        edits=(
            ("F.softmax(attn_weights.float(), dim=-1)", "F.softmax(attn_weights.float(), dim=1)"),
        ),
        says=SOFTMAX,
    ),
    Mistake(
        name="keys_from_the_rows_of_the_queries_fairseq_time_first",
        base="fairseq_time_first",
        edits=(
            (
                "self._in_proj(key, start=self.embed_dim, end=2 * self.embed_dim)",
                "self._in_proj(key, end=self.embed_dim)",
            ),
        ),
        says=GRADIENT + r"|in_proj|keys?|rows",
    ),
    Mistake(
        name="view_after_permute_fairseq_time_first",
        base="fairseq_time_first",
        edits=(
            (
                "attn.permute(2, 0, 1, 3).reshape(tgt_len, bsz, embed_dim)",
                "attn.permute(2, 0, 1, 3).view(tgt_len, bsz, embed_dim)",
            ),
        ),
        says=r"view|contiguous|stride|reshape",
        kind="raises",
    ),
    # chat_google_docstrings
    Mistake(
        name="ln1_used_twice_chat_google_docstrings",
        base="chat_google_docstrings",
        edits=(("x = x + self.ffn(self.ln2(x))", "x = x + self.ffn(self.ln1(x))"),),
        says=GRADIENT + r"|ln2|norm",
    ),
    Mistake(
        name="ln_f_never_applied_chat_google_docstrings",
        base="chat_google_docstrings",
        edits=(("        x = self.ln_f(x)\n", ""),),
        says=GRADIENT + r"|ln_f|norm",
        kind="omission",
        also=("logits = self.lm_head(x)", "x = self.blocks(x)"),
    ),
    Mistake(
        name="logits_and_no_loss_chat_google_docstrings",
        base="chat_google_docstrings",
        edits=(("        return logits\n", "        return logits, None\n"),),
        says=r"tuple|tensor|logits|shape|score|return",
    ),
    Mistake(
        name="all_places_added_chat_google_docstrings",
        base="chat_google_docstrings",
        edits=(
            (
                "self.tok_emb(ids) + self.pos_emb[:, :seq_len, :]",
                "self.tok_emb(ids) + self.pos_emb",
            ),
        ),
        says=SHAPE + r"|" + POSITION,
        kind="raises",
    ),
    Mistake(
        name="n_layers_in_config_chat_google_docstrings",
        base="chat_google_docstrings",
        edits=(('"n_layer": n_layer,', '"n_layers": n_layer,'),),
        says=r"config|n_layer|name|missing",
    ),
    # caderno_portugues
    Mistake(
        name="mascara_triu_caderno_portugues",
        base="caderno_portugues",
        edits=(("torch.tril(torch.ones(", "torch.triu(torch.ones("),),
        says=MASK + r"|triu|tril",
    ),
    Mistake(
        name="sum_after_the_loop_caderno_portugues",
        base="caderno_portugues",
        edits=(("            x = x + pensado\n", "        x = x + pensado\n"),),
        says=GRADIENT + r"|" + SKIP + r"|indent|loop|pensado|expande|encolhe",
    ),
    Mistake(
        name="keys_transpose_1_2_caderno_portugues",
        base="caderno_portugues",
        edits=(("chave_t = chave.transpose(2, 3)", "chave_t = chave.transpose(1, 2)"),),
        says=SHAPE,
        kind="raises",
        also=("pontos = consulta.matmul(chave_t)",),
    ),
    Mistake(
        name="places_looked_up_but_not_added_caderno_portugues",
        base="caderno_portugues",
        edits=(("        x = x + self.emb_lugares(lugares)\n", ""),),
        says=POSITION + r"|lugares",
        kind="omission",
        also=("x = self.emb_letras(ids)",),
    ),
    Mistake(
        name="two_root_of_the_heads_and_head_without_bias_caderno_portugues",
        base="caderno_portugues",
        edits=(
            ("dim_cabeca = consulta.shape[3]", "dim_cabeca = consulta.shape[1]"),
            (
                "self.cabeca_final = nn.Linear(n_embd, vocab_size)",
                "self.cabeca_final = nn.Linear(n_embd, vocab_size, bias=False)",
            ),
        ),
        says=SCALE + r"|" + PARAMETERS,
        also=("raiz = dim_cabeca ** 0.5", "pontos = pontos / raiz"),
    ),
]
