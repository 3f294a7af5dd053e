# Mi primer GPT. Lo escribo todo en pasos pequeños para entenderlo.
# B = frases, T = fichas (tokens) por frase, C = números por ficha

import math
import torch
import torch.nn as nn


def causal_attention(q, k, v):
    B = q.shape[0]
    H = q.shape[1]
    T = q.shape[2]
    D = q.shape[3]

    # 1. hago q más pequeña, así los puntos no salen enormes
    raiz = math.sqrt(D)
    q_pequena = q / raiz

    # 2. giro k para poder multiplicar: (B, H, T, D) -> (B, H, D, T)
    k_girada = k.transpose(2, 3)

    # 3. los puntos de cada ficha con cada ficha: (B, H, T, T)
    puntos = torch.matmul(q_pequena, k_girada)

    # 4. tapo el futuro, fila por fila
    tapa = torch.zeros(T, T, dtype=q.dtype, device=q.device)
    for fila in range(T):
        tapa[fila, fila + 1:] = float("-inf")
    puntos = puntos + tapa

    # 5. softmax a mano: resto el mayor, elevo, divido entre la suma
    mayor = puntos.max(dim=3, keepdim=True).values
    potencias = torch.exp(puntos - mayor)
    suma = potencias.sum(dim=3, keepdim=True)
    weights = potencias / suma

    # 6. mezclo los valores: (B, H, T, D)
    output = torch.matmul(weights, v)
    assert output.shape == (B, H, T, D)
    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super(SelfAttention, self).__init__()
        self.n_embd = n_embd
        self.n_head = n_head
        self.tamano = n_embd // n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def en_cabezas(self, cosa):
        # (B, T, C) -> (B, H, T, D), una cabeza después de otra
        lista = []
        for numero in range(self.n_head):
            inicio = numero * self.tamano
            fin = inicio + self.tamano
            trozo = cosa[:, :, inicio:fin]
            lista.append(trozo)
        return torch.stack(lista, dim=1)

    def forward(self, x):
        C = self.n_embd
        todo = self.qkv(x)
        # corto en tres partes
        q = todo[:, :, 0:C]
        k = todo[:, :, C:2 * C]
        v = todo[:, :, 2 * C:3 * C]
        # reparto entre las cabezas
        q = self.en_cabezas(q)
        k = self.en_cabezas(k)
        v = self.en_cabezas(v)
        # cada ficha mira hacia atrás
        mirado, pesos = causal_attention(q, k, v)
        # junto las cabezas otra vez: (B, H, T, D) -> (B, T, C)
        lista = []
        for numero in range(self.n_head):
            una_cabeza = mirado[:, numero, :, :]
            lista.append(una_cabeza)
        junto = torch.cat(lista, dim=2)
        return self.output(junto)


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super(Block, self).__init__()
        grande = 4 * n_embd
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, grande),
            nn.GELU(),
            nn.Linear(grande, n_embd),
        )

    def forward(self, x):
        # primero mirar
        a = self.norm_1(x)
        a = self.attention(a)
        x = x + a
        # luego pensar
        b = self.norm_2(x)
        b = self.mlp(b)
        x = x + b
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super(MiniGPT, self).__init__()
        sobra = n_embd % n_head
        if sobra != 0:
            raise ValueError("no puedo repartir n_embd entre n_head, sobran " + str(sobra))

        self.config = {}
        self.config["vocab_size"] = vocab_size
        self.config["n_embd"] = n_embd
        self.config["n_head"] = n_head
        self.config["n_layer"] = n_layer
        self.config["block_size"] = block_size

        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList()
        for i in range(n_layer):
            self.blocks.append(Block(n_embd, n_head))
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        largo = ids.shape[1]
        if largo > self.config["block_size"]:
            raise ValueError("el texto es demasiado largo: " + str(largo))
        # qué es cada ficha, y dónde está
        que = self.token_embedding(ids)
        lugares = torch.tensor(list(range(largo)), dtype=torch.long, device=ids.device)
        donde = self.position_embedding(lugares)
        x = que + donde
        for bloque in self.blocks:
            x = bloque(x)
        x = self.norm(x)
        return self.head(x)
