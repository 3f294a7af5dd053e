# Mini-GPT, Uebungsblatt 2
# B = Anzahl Texte, T = Anzahl Tokens, C = Zahlen pro Token, H = Koepfe, D = Zahlen pro Kopf

import torch
import torch.nn as nn


def causal_attention(q, k, v):
    # 1. die Groessen holen
    T = q.shape[2]
    D = q.shape[3]

    # 2. jede Frage mit jedem Schluessel vergleichen
    k_gedreht = torch.transpose(k, 2, 3)  # (B, H, D, T)
    punkte = torch.matmul(q, k_gedreht)  # (B, H, T, T)

    # 3. durch die Wurzel von D teilen, sonst werden die Punkte zu gross
    wurzel = D ** (1 / 2)
    punkte_klein = punkte / wurzel

    # 4. die Zukunft verbieten: alles ueber der Diagonale
    einsen = torch.ones(T, T, device=q.device)
    dreieck = torch.tril(einsen)
    verboten = dreieck == 0
    punkte_maskiert = punkte_klein.masked_fill(verboten, float("-inf"))

    # 5. aus Punkten werden Gewichte (jede Zeile gibt zusammen 1)
    weights = torch.softmax(punkte_maskiert, dim=3)

    # 6. die Werte mit den Gewichten mischen
    output = torch.matmul(weights, v)  # (B, H, T, D)
    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_embd = n_embd
        self.n_head = n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B = x.shape[0]
        T = x.shape[1]
        C = self.n_embd
        H = self.n_head
        D = C // H

        # alle drei auf einmal ausrechnen, dann in drei Teile schneiden
        alles = self.qkv(x)  # (B, T, 3C)
        q_flach = alles[:, :, 0:C]
        k_flach = alles[:, :, C : 2 * C]
        v_flach = alles[:, :, 2 * C : 3 * C]

        # in Koepfe teilen: (B, T, C) -> (B, T, H, D)
        q_geteilt = q_flach.reshape(B, T, H, D)
        k_geteilt = k_flach.reshape(B, T, H, D)
        v_geteilt = v_flach.reshape(B, T, H, D)

        # Koepfe nach vorne: (B, T, H, D) -> (B, H, T, D)
        q = q_geteilt.transpose(1, 2)
        k = k_geteilt.transpose(1, 2)
        v = v_geteilt.transpose(1, 2)

        # zurueckschauen
        gemischt, gewichte = causal_attention(q, k, v)

        # Koepfe wieder nach hinten: (B, H, T, D) -> (B, T, H, D)
        gemischt_gedreht = gemischt.transpose(1, 2)
        # und nebeneinander legen: (B, T, H, D) -> (B, T, C)
        zusammen = gemischt_gedreht.reshape(B, T, C)

        ergebnis = self.output(zusammen)
        return ergebnis


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        gross = 4 * n_embd
        schicht_1 = nn.Linear(n_embd, gross)
        schicht_2 = nn.GELU()
        schicht_3 = nn.Linear(gross, n_embd)
        self.mlp = nn.Sequential(schicht_1, schicht_2, schicht_3)

    def forward(self, x):
        # erst reden
        normiert_1 = self.norm_1(x)
        geredet = self.attention(normiert_1)
        x_1 = x + geredet

        # dann denken
        normiert_2 = self.norm_2(x_1)
        gedacht = self.mlp(normiert_2)
        x_2 = x_1 + gedacht
        return x_2


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        rest = n_embd % n_head
        if rest != 0:
            raise ValueError("n_embd muss durch n_head teilbar sein")

        self.config = {}
        self.config["vocab_size"] = vocab_size
        self.config["n_embd"] = n_embd
        self.config["n_head"] = n_head
        self.config["n_layer"] = n_layer
        self.config["block_size"] = block_size

        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList()
        for nummer in range(n_layer):
            neuer_block = Block(n_embd, n_head)
            self.blocks.append(neuer_block)
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        T = ids.shape[1]
        laengster = self.config["block_size"]
        if T > laengster:
            raise ValueError("der Text ist zu lang: " + str(T) + " > " + str(laengster))

        # was ist es, und wo steht es?
        was = self.token_embedding(ids)  # (B, T, C)
        nummern = torch.arange(T, device=ids.device)
        wo = self.position_embedding(nummern)  # (T, C)
        zustand = was + wo

        # durch alle Bloecke schicken
        for block in self.blocks:
            neuer_zustand = block(zustand)
            zustand = neuer_zustand

        # am Ende: normieren und bewerten
        normiert = self.norm(zustand)
        logits = self.head(normiert)  # (B, T, V)
        return logits
