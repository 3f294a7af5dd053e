"""Wrong transformers in four further styles: first measured, then tuned on."""

from tests.mistakes import Mistake

LEAK = r"leak|later|earlier|future|before|mask|causal|chang|moved|unchanged"
SCALE = r"scal|sqrt|\*\* ?-?0\.5|head size|divid|size of (one|a) head"
POSITION = r"position|place|order|stands|arange|index|row|range"
NAN = r"nan|finite|mask|diagonal|itself"
SOFTMAX = r"softmax|sum|keys|dim|row|probabilit|normal"
HEADS = r"head|merge|join|split|transpose|view|shape|" + LEAK
BIAS = r"bias|parameter|145,?764|linear"
NORM = r"norm|gradient|parameter|unused|used|gain|affine"

MISTAKES = [
    # openai_gpt2_src
    Mistake(
        name="strictly_before_in_the_mask_openai_gpt2_src",
        base="openai_gpt2_src",
        edits=(("m = i >= j - ns + nd", "m = i > j - ns + nd"),),
        says=NAN + "|" + LEAK + "|weight",
    ),
    Mistake(
        name="sum_without_keepdim_openai_gpt2_src",
        base="openai_gpt2_src",
        edits=(
            (
                "return ex / torch.sum(ex, dim=axis, keepdim=True)",
                "return ex / torch.sum(ex, dim=axis)",
            ),
        ),
        says=SOFTMAX + r"|size of tensor|shape|keepdim",
        kind="raises",
    ),
    Mistake(
        name="scale_forgotten_openai_gpt2_src",
        base="openai_gpt2_src",
        edits=(("    w = w * (1.0 / math.sqrt(v.shape[-1]))\n", ""),),
        says=SCALE,
        kind="omission",
        also=(
            "w = torch.matmul(q, k.transpose(-1, -2))",
            "w = mask_attn_weights(w)",
            "w = softmax(w)",
        ),
    ),
    Mistake(
        name="gain_and_bias_never_applied_openai_gpt2_src",
        base="openai_gpt2_src",
        edits=(("        x = x*self.g + self.b\n", ""),),
        says=NORM,
        kind="omission",
        also=("x = (x - u) * torch.rsqrt(s + self.epsilon)", "return x"),
    ),
    Mistake(
        name="returns_inside_the_loop_openai_gpt2_src",
        base="openai_gpt2_src",
        edits=(
            (
                "        return self.head(self.ln_f(h))",
                "            return self.head(self.ln_f(h))",
            ),
        ),
        says=r"loop|block|layer|gradient|parameter|none|return",
    ),
    # timm_vision
    Mistake(
        name="qkv_bias_off_by_default_timm_vision",
        base="timm_vision",
        edits=(("qkv_bias: bool = True", "qkv_bias: bool = False"),),
        says=BIAS,
        also=(
            "self.qkv = nn.Linear(dim, dim * 3, bias=qkv_bias)",
            "self.attn = Attention(dim, num_heads=num_heads)",
        ),
    ),
    Mistake(
        name="three_before_the_tokens_timm_vision",
        base="timm_vision",
        edits=(
            (
                "reshape(B, N, 3, self.num_heads, self.head_dim).permute(2, 0, 3, 1, 4)",
                "reshape(B, 3, N, self.num_heads, self.head_dim).permute(1, 0, 3, 2, 4)",
            ),
        ),
        says=HEADS + "|reshape|permute",
    ),
    Mistake(
        name="queries_scaled_in_place_timm_vision",
        base="timm_vision",
        edits=(("    q = q * scale\n", "    q *= scale\n"),),
        says=r"in.?place|caller|change|\*=|view|copy|argument|as (it|they) w|untouched|unbind",
    ),
    Mistake(
        name="all_positions_added_timm_vision",
        base="timm_vision",
        edits=(("x = x + self.pos_embed[:, :N]", "x = x + self.pos_embed"),),
        says=POSITION + r"|size of tensor|shape|512",
        kind="raises",
    ),
    Mistake(
        name="two_triu_and_norm1_twice_timm_vision",
        base="timm_vision",
        edits=(
            ("device=like.device).triu(1)", "device=like.device).triu()"),
            ("x = x + self.mlp(self.norm2(x))", "x = x + self.mlp(self.norm1(x))"),
        ),
        says=NAN + "|" + LEAK + "|" + NORM,
        also=("attn = attn + causal_bias(N, attn)",),
    ),
    # polski_kroki
    Mistake(
        name="masked_fill_result_dropped_polski_kroki",
        base="polski_kroki",
        edits=(
            (
                "wyniki = wyniki.masked_fill(zakazane, -math.inf)",
                "wyniki.masked_fill(zakazane, -math.inf)",
            ),
        ),
        says=LEAK,
    ),
    Mistake(
        name="activation_never_called_polski_kroki",
        base="polski_kroki",
        edits=(("        x = self.aktywacja(x)\n", ""),),
        says=r"gelu|activation|mlp|linear|bend|straight|think|aktywacja",
        kind="omission",
        also=("x = self.rozszerz(x)", "x = self.zwez(x)"),
    ),
    Mistake(
        name="positions_count_from_one_polski_kroki",
        base="polski_kroki",
        edits=(("numery = torch.arange(dlugosc)", "numery = torch.arange(1, dlugosc + 1)"),),
        says=POSITION + "|block_size",
        kind="raises",
        also=("x = x + self.miejsca(numery)",),
    ),
    Mistake(
        name="config_names_the_heads_twice_polski_kroki",
        base="polski_kroki",
        edits=(('self.config["n_layer"] = n_layer', 'self.config["n_layer"] = n_head'),),
        says=r"config|n_layer",
    ),
    Mistake(
        name="heads_not_turned_back_polski_kroki",
        base="polski_kroki",
        edits=(("        wyjscie = wyjscie.transpose(1, 2)\n", ""),),
        says=HEADS,
        kind="omission",
        also=("wyjscie = wyjscie.reshape(porcja, dlugosc, szerokosc)",),
    ),
    # chat_section_banners
    Mistake(
        name="mask_without_tilde_chat_section_banners",
        base="chat_section_banners",
        edits=(("scores.masked_fill(~causal_mask,", "scores.masked_fill(causal_mask,"),),
        says=NAN + "|" + LEAK,
        also=(
            "return torch.tril(torch.ones(seq_len, seq_len, dtype=torch.bool, device=device))",
            "causal_mask = create_causal_mask(seq_len, q.device)",
        ),
    ),
    Mistake(
        name="dropout_on_by_default_chat_section_banners",
        base="chat_section_banners",
        edits=(("dropout: float = 0.0", "dropout: float = 0.1"),),
        says=r"dropout|random|same ids|twice|differ",
        also=(
            "self.dropout = nn.Dropout(dropout)",
            "self.attn = MultiHeadSelfAttention(n_embd, n_head)",
            "return self.dropout(self.out_proj(self._merge_heads(attn_output)))",
        ),
    ),
    Mistake(
        name="heads_taken_for_tokens_in_merge_chat_section_banners",
        base="chat_section_banners",
        edits=(("batch_size, _, seq_len, _ = x.shape", "batch_size, seq_len, _, _ = x.shape"),),
        says=HEADS + "|invalid|size",
        kind="raises",
        also=("return x.transpose(1, 2).contiguous().view(batch_size, seq_len, self.n_embd)",),
    ),
    Mistake(
        name="logits_of_the_last_token_only_chat_section_banners",
        base="chat_section_banners",
        edits=(("logits = self.lm_head(x)", "logits = self.lm_head(x[:, -1, :])"),),
        says=r"shape|last|\(2, 10|every token|each token|each position",
    ),
    Mistake(
        name="two_scaled_by_full_width_and_head_without_bias_chat_section_banners",
        base="chat_section_banners",
        edits=(
            ("/ math.sqrt(head_dim)", "/ math.sqrt(num_heads * head_dim)"),
            ("nn.Linear(n_embd, vocab_size)", "nn.Linear(n_embd, vocab_size, bias=False)"),
        ),
        says=SCALE + "|" + BIAS,
    ),
]
