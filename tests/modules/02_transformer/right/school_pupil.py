# Mein kleines GPT (Schleife 2). Ich habe alles mit Listen und Schleifen gebaut, damit ich es verstehe.
import math

import torch
from torch import nn


def causal_attention(q, k, v):
    laenge = q.shape[2]  # T
    groesse = q.shape[3]  # D

    # wie gut passt jede Frage (q) zu jedem Schluessel (k)?
    punkte = q @ k.transpose(2, 3) / math.sqrt(groesse)  # (B, H, T, D) -> (B, H, T, T)

    # eine Tabelle: True heisst, dass man das noch nicht sehen darf
    verboten = []
    for zeile in range(laenge):
        verboten.append([False] * laenge)
    for zeile in range(laenge):
        for spalte in range(zeile + 1, laenge):
            verboten[zeile][spalte] = True
    tabelle = torch.tensor(verboten, dtype=torch.bool, device=q.device)  # (T, T)
    punkte = punkte.masked_fill(tabelle, float("-inf"))

    # softmax von Hand: e hoch Punkte, geteilt durch die Summe der Zeile
    # (vorher das Groesste abziehen, sonst wird e hoch ... zu gross)
    groesste = punkte.max(dim=-1, keepdim=True).values  # (B, H, T, 1)
    e_hoch = torch.exp(punkte - groesste)
    gewichte = e_hoch / e_hoch.sum(dim=-1, keepdim=True)  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # die Werte mischen
    ergebnis = gewichte @ v  # (B, H, T, T) -> (B, H, T, D)
    return ergebnis, gewichte


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def in_koepfe_schneiden(self, x):
        breite = x.shape[2] // self.n_head  # D
        koepfe = []
        for kopf in range(self.n_head):
            anfang = kopf * breite
            koepfe.append(x[:, :, anfang : anfang + breite])  # (B, T, D)
        return torch.stack(koepfe, dim=1)  # (B, T, C) -> (B, H, T, D)

    def forward(self, x):
        c = x.shape[2]
        alles = self.qkv(x)  # (B, T, C) -> (B, T, 3C)
        q = self.in_koepfe_schneiden(alles[:, :, 0:c])
        k = self.in_koepfe_schneiden(alles[:, :, c : 2 * c])
        v = self.in_koepfe_schneiden(alles[:, :, 2 * c : 3 * c])
        ergebnis, gewichte = causal_attention(q, k, v)
        # die Koepfe wieder nebeneinander legen
        nebeneinander = []
        for kopf in range(self.n_head):
            nebeneinander.append(ergebnis[:, kopf])
        return self.output(torch.cat(nebeneinander, dim=2))  # (B, H, T, D) -> (B, T, C)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),
        )

    def forward(self, x):
        x = x + self.attention(self.norm_1(x))
        x = x + self.mlp(self.norm_2(x))
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError("n_embd muss durch n_head teilbar sein")
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList()
        for nummer in range(n_layer):
            self.blocks.append(Block(n_embd, n_head))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        laenge = ids.shape[1]
        if laenge > self.config["block_size"]:
            raise ValueError("der Text ist zu lang fuer das Modell")
        # welches Zeichen ist es, und an welcher Stelle steht es?
        stellen = torch.arange(0, laenge, device=ids.device)  # (T)
        x = self.token_embedding(ids) + self.position_embedding(stellen)  # (B, T) -> (B, T, C)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))  # (B, T, C) -> (B, T, vocab_size)
