"""Held-out wrong modules of loop 2: nobody tuned the diagnosis on these styles."""

from tests.mistakes import Mistake

LEAK = r"leak|later|earlier|future|before|mask|causal|chang|moved|unchanged"
SCALE = r"scal|sqrt|\*\* ?-?0\.5|head size|divid"
SKIP = r"skip|residual|x \+|stream|adds? to"
POSITION = r"position|place|order|stands"
NAN = r"nan|finite|mask|diagonal|itself"
SOFTMAX = r"softmax|sum|keys|dim|row|probabilit|normal"
HEADS = r"head|merge|join|split|transpose|" + LEAK

MISTAKES = [
    # held_chatbot_comments
    Mistake(
        name="scale_forgotten_held_chatbot",
        base="held_chatbot_comments",
        edits=(("    attn_scores = attn_scores / math.sqrt(head_dim)\n", ""),),
        says=SCALE,
        kind="omission",
        also=(
            "attn_scores = torch.matmul(q, k.transpose(-2, -1))",
            'attn_scores = attn_scores.masked_fill(future, float("-inf"))',
            "attn_weights = F.softmax(attn_scores, dim=-1)",
        ),
    ),
    Mistake(
        name="token_hidden_from_itself_held_chatbot",
        base="held_chatbot_comments",
        edits=(("future = torch.triu(future, diagonal=1)", "future = torch.triu(future)"),),
        says=NAN,
        also=('attn_scores = attn_scores.masked_fill(future, float("-inf"))',),
    ),
    Mistake(
        name="softmax_over_queries_and_no_skip_held_chatbot",
        base="held_chatbot_comments",
        edits=(
            (
                "attn_weights = F.softmax(attn_scores, dim=-1)",
                "attn_weights = F.softmax(attn_scores, dim=-2)",
            ),
            ("x = x + self.mlp(self.norm_2(x))", "x = self.mlp(self.norm_2(x))"),
        ),
        says=SOFTMAX + "|" + SKIP,
        also=("return x",),
    ),
    Mistake(
        name="positions_not_added_held_chatbot",
        base="held_chatbot_comments",
        edits=(
            (
                "x = self.token_embedding(ids) + self.position_embedding(positions)",
                "x = self.token_embedding(ids)",
            ),
        ),
        says=POSITION,
        also=("for block in self.blocks:", "x = block(x)"),
    ),
    Mistake(
        name="heads_merged_without_transpose_held_chatbot",
        base="held_chatbot_comments",
        edits=(
            (
                "mixed = mixed.transpose(1, 2).contiguous().view(batch, seq_len, n_embd)",
                "mixed = mixed.contiguous().view(batch, seq_len, n_embd)",
            ),
        ),
        says=HEADS,
    ),
    # held_keras_user
    Mistake(
        name="softmax_over_queries_held_keras",
        base="held_keras_user",
        edits=(("self.activation = nn.Softmax(dim=3)", "self.activation = nn.Softmax(dim=2)"),),
        says=SOFTMAX,
        also=("weights = self.activation(self.mask(scores))",),
    ),
    Mistake(
        name="past_is_hidden_held_keras",
        base="held_keras_user",
        edits=(("bias = (columns > rows)", "bias = (columns < rows)"),),
        says=LEAK,
        also=("return scores + bias",),
    ),
    Mistake(
        name="keys_not_turned_held_keras",
        base="held_keras_user",
        edits=(('torch.einsum("bhqd,bhkd->bhqk"', 'torch.einsum("bhqd,bhdk->bhqk"'),),
        says=r"einsum|shape|size|dimension|transpos|operand|broadcast|RuntimeError",
        kind="raises",
    ),
    Mistake(
        name="attention_not_added_to_stream_held_keras",
        base="held_keras_user",
        edits=(
            (
                "return self.add([middle, self.ffn_out(hidden)])",
                "return self.add([attended, self.ffn_out(hidden)])",
            ),
        ),
        says=SKIP,
    ),
    Mistake(
        name="heads_and_sizes_swapped_held_keras",
        base="held_keras_user",
        edits=(
            (
                "return x.unflatten(-1, (self.num_heads, -1)).swapaxes(1, 2)",
                "return x.unflatten(-1, (-1, self.num_heads)).swapaxes(1, 2)",
            ),
        ),
        says=HEADS,
    ),
    # held_maths_professor
    Mistake(
        name="divided_by_sum_over_queries_held_professor",
        base="held_maths_professor",
        edits=(("Z = E.sum(3, keepdim=True)", "Z = E.sum(2, keepdim=True)"),),
        says=SOFTMAX,
        also=("P = E / Z",),
    ),
    Mistake(
        name="scaled_by_length_held_professor",
        base="held_maths_professor",
        edits=(("S = q @ k.mT / d**0.5", "S = q @ k.mT / n**0.5"),),
        says=SCALE,
        also=("S = S + A.log()",),
    ),
    Mistake(
        name="token_hidden_from_itself_held_professor",
        base="held_maths_professor",
        edits=(("i[None, :] <= i[:, None]", "i[None, :] < i[:, None]"),),
        says=NAN,
    ),
    Mistake(
        name="last_norm_forgotten_held_professor",
        base="held_maths_professor",
        edits=(("        x = self.n(x)\n", ""),),
        says=r"norm|gradient|unused|never used|parameter",
        kind="omission",
        also=("return self.u(x)", "self.n = nn.LayerNorm(c)"),
    ),
    Mistake(
        name="no_skip_and_one_position_for_all_held_professor",
        base="held_maths_professor",
        edits=(
            ("z = x + y", "z = y"),
            ("x = x + self.p.weight[:n]", "x = x + self.p.weight[0]"),
        ),
        says=SKIP + "|" + POSITION,
        also=("return z + w",),
    ),
]
