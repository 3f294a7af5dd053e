# A chat model's answer: all calls by keyword over many lines, formatted by black, docstrings.
import torch
import torch.nn as nn
import torch.nn.functional as F


def causal_attention(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute scaled dot-product attention with a causal mask.

    Args:
        q, k, v: Tensors of shape ``(batch, heads, time, head_dim)``.
    """
    _, _, seq_len, head_dim = q.shape

    # Additive mask: 0 on and below the diagonal, -inf above it
    causal_mask = torch.triu(
        torch.full(
            size=(seq_len, seq_len),
            fill_value=float("-inf"),
            device=q.device,
        ),
        diagonal=1,
    )

    scores = torch.einsum("bhqd,bhkd->bhqk", q, k) / head_dim**0.5
    weights = F.softmax(input=scores + causal_mask, dim=-1)
    output = torch.einsum("bhqk,bhkd->bhqd", weights, v)
    return output, weights


class CausalSelfAttention(nn.Module):
    """Multi-head self-attention with one fused projection for q, k and v."""

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.qkv_proj = nn.Linear(in_features=embed_dim, out_features=3 * embed_dim, bias=True)
        self.out_proj = nn.Linear(in_features=embed_dim, out_features=embed_dim, bias=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch_size, seq_len, embed_dim = x.shape

        # (B, T, 3C) -> (B, T, 3, H, D) -> (3, B, H, T, D)
        qkv = self.qkv_proj(x)
        qkv = qkv.view(batch_size, seq_len, 3, self.num_heads, self.head_dim)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(dim=0)

        context, _ = causal_attention(q=q, k=k, v=v)

        # (B, H, T, D) -> (B, T, H, D) -> (B, T, C)
        context = context.transpose(1, 2).reshape(batch_size, seq_len, embed_dim)
        return self.out_proj(context)


class FeedForward(nn.Module):
    """Position-wise feed-forward network."""

    def __init__(self, embed_dim: int, expansion: int = 4) -> None:
        super().__init__()
        self.fc_in = nn.Linear(in_features=embed_dim, out_features=expansion * embed_dim)
        self.fc_out = nn.Linear(in_features=expansion * embed_dim, out_features=embed_dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc_out(F.gelu(self.fc_in(x), approximate="tanh"))


class TransformerBlock(nn.Module):
    """Pre-norm transformer block."""

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        self.ln_attn = nn.LayerNorm(normalized_shape=embed_dim)
        self.ln_ffn = nn.LayerNorm(normalized_shape=embed_dim)
        self.attn = CausalSelfAttention(embed_dim=embed_dim, num_heads=num_heads)
        self.ffn = FeedForward(embed_dim=embed_dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.ln_attn(x))
        x = x + self.ffn(self.ln_ffn(x))
        return x


class MiniGPT(nn.Module):
    """A small GPT-style language model."""

    def __init__(
        self,
        vocab_size: int = 100,
        n_embd: int = 64,
        n_head: int = 4,
        n_layer: int = 2,
        block_size: int = 512,
    ) -> None:
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd={n_embd} must be divisible by n_head={n_head}")

        self.config: dict[str, int] = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        self.token_emb = nn.Embedding(num_embeddings=vocab_size, embedding_dim=n_embd)
        self.pos_emb = nn.Embedding(num_embeddings=block_size, embedding_dim=n_embd)
        self.blocks = nn.Sequential(
            *[TransformerBlock(embed_dim=n_embd, num_heads=n_head) for _ in range(n_layer)]
        )
        self.ln_final = nn.LayerNorm(normalized_shape=n_embd)
        self.lm_head = nn.Linear(in_features=n_embd, out_features=vocab_size)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        _, seq_len = ids.shape
        if seq_len > self.config["block_size"]:
            raise ValueError(f"Sequence length {seq_len} exceeds block_size")

        positions = torch.arange(start=0, end=seq_len, device=ids.device)
        hidden = self.token_emb(ids) + self.pos_emb(positions).unsqueeze(dim=0)
        hidden = self.blocks(hidden)
        hidden = self.ln_final(hidden)
        logits = self.lm_head(hidden)
        return logits
