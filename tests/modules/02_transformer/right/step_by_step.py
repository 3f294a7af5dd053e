# My GPT. I write one small thing per line, so that I can print everything.
import torch
from torch import nn


def causal_attention(q, k, v):
    # how long is the text, and how big is one head?
    number_of_tokens = q.shape[2]
    head_size = q.shape[3]

    # flip the keys                                   (B, H, T, D) -> (B, H, D, T)
    k_flipped = k.transpose(2, 3)

    # every query times every key                     -> (B, H, T, T)
    scores = torch.matmul(q, k_flipped)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # make them smaller
    root = head_size ** 0.5
    scores = scores / root

    # which places are allowed? 1 = yes, 0 = no       (T, T)
    ones = torch.ones(number_of_tokens, number_of_tokens, device=q.device)
    allowed = torch.tril(ones)
    forbidden = allowed == 0

    # hide the forbidden places
    minus_infinity = float("-inf")
    hidden = scores.masked_fill(forbidden, minus_infinity)

    # softmax by hand: e to the power of each score, divided by the sum of its row
    largest = hidden.amax(dim=3, keepdim=True)        # (B, H, T, 1)
    shifted = hidden - largest
    powers = torch.exp(shifted)
    total = powers.sum(dim=3, keepdim=True)           # (B, H, T, 1)
    weights = powers / total

    # mix the values                                  -> (B, H, T, D)
    output = torch.matmul(weights, v)

    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_embd = n_embd
        self.n_head = n_head
        self.head_size = n_embd // n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        # make q, k and v in one go                   (B, T, C) -> (B, T, 3C)
        all_three = self.qkv(x)

        # cut them apart                              3 times (B, T, C)
        q, k, v = torch.split(all_three, self.n_embd, dim=2)

        # cut out the part of each head
        q_heads = []
        k_heads = []
        v_heads = []
        for head_number in range(self.n_head):
            start = head_number * self.head_size
            end = start + self.head_size
            q_heads.append(q[:, :, start:end])        # (B, T, D)
            k_heads.append(k[:, :, start:end])        # (B, T, D)
            v_heads.append(v[:, :, start:end])        # (B, T, D)

        # put the heads into a new dimension          H times (B, T, D) -> (B, H, T, D)
        q = torch.stack(q_heads, dim=1)
        k = torch.stack(k_heads, dim=1)
        v = torch.stack(v_heads, dim=1)

        # look back
        found, weights = causal_attention(q, k, v)

        # glue the heads together again               (B, H, T, D) -> (B, T, C)
        list_of_heads = torch.unbind(found, dim=1)
        glued = torch.cat(list_of_heads, dim=2)

        # last layer
        result = self.output(glued)
        return result


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        wide = 4 * n_embd
        layer_in = nn.Linear(n_embd, wide)
        bend = nn.GELU()
        layer_out = nn.Linear(wide, n_embd)
        self.mlp = nn.Sequential(layer_in, bend, layer_out)

    def forward(self, x):
        # first half: talk
        calm = self.norm_1(x)
        heard = self.attention(calm)
        x = x + heard

        # second half: think
        calm = self.norm_2(x)
        thought = self.mlp(calm)
        x = x + thought

        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        # can the numbers be shared fairly?
        rest = n_embd % n_head
        if rest != 0:
            raise ValueError("n_head must divide n_embd")

        # remember the settings
        self.config = {}
        self.config["vocab_size"] = vocab_size
        self.config["n_embd"] = n_embd
        self.config["n_head"] = n_head
        self.config["n_layer"] = n_layer
        self.config["block_size"] = block_size

        # the layers
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList()
        for layer_number in range(n_layer):
            new_block = Block(n_embd, n_head)
            self.blocks.append(new_block)
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        # is the text too long?
        length = ids.shape[1]
        limit = self.config["block_size"]
        if length > limit:
            raise ValueError("the text is too long")

        # what is it?                                 (B, T) -> (B, T, C)
        what = self.token_embedding(ids)

        # where is it?                                (T) -> (T, C)
        places = torch.arange(length, device=ids.device)
        where = self.position_embedding(places)

        # both together                               (B, T, C)
        x = what + where

        # all blocks
        for block in self.blocks:
            x = block(x)

        # the end                                     (B, T, C) -> (B, T, vocab_size)
        x = self.norm(x)
        logits = self.head(x)
        return logits
