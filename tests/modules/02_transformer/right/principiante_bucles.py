# mi primer transformer :)  lo hago paso a paso, sin trucos
# B = frases, T = letras, C = numeros por letra, H = cabezas, D = C / H

import math
import torch
from torch import nn


def causal_attention(q, k, v):
    largo = q.shape[2]
    dim = q.shape[3]
    raiz = math.sqrt(dim)

    todas_las_salidas = []
    todos_los_pesos = []

    # voy letra por letra
    for i in range(largo):
        # la pregunta de la letra i
        pregunta = q[:, :, i, :]                    # (B, H, D)
        # solo las claves y los valores desde el principio hasta la letra i
        claves = k[:, :, 0:i + 1, :]                # (B, H, i+1, D)
        valores = v[:, :, 0:i + 1, :]               # (B, H, i+1, D)

        # producto de la pregunta con cada clave
        pregunta = pregunta.unsqueeze(2)            # (B, H, 1, D)
        puntos = (pregunta * claves).sum(dim=3)     # (B, H, i+1)
        puntos = puntos / raiz

        # los puntos se vuelven pesos que suman 1
        pesos = torch.softmax(puntos, dim=2)        # (B, H, i+1)

        # mezcla de los valores
        salida = (pesos.unsqueeze(3) * valores).sum(dim=2)   # (B, H, D)
        todas_las_salidas.append(salida)

        # las letras que vienen despues tienen peso cero
        faltan = largo - (i + 1)
        ceros = torch.zeros(q.shape[0], q.shape[1], faltan, dtype=q.dtype, device=q.device)
        fila = torch.cat([pesos, ceros], dim=2)     # (B, H, T)
        todos_los_pesos.append(fila)

    output = torch.stack(todas_las_salidas, dim=2)  # (B, H, T, D)
    weights = torch.stack(todos_los_pesos, dim=2)   # (B, H, T, T)
    return output, weights


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_embd = n_embd
        self.n_head = n_head
        self.tamano = n_embd // n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def partir(self, z):
        # (B, T, C) -> (B, H, T, D)
        trozos = []
        for cabeza in range(self.n_head):
            inicio = cabeza * self.tamano
            final = inicio + self.tamano
            trozos.append(z[:, :, inicio:final])    # (B, T, D)
        return torch.stack(trozos, dim=1)

    def pegar(self, z):
        # (B, H, T, D) -> (B, T, C)
        trozos = []
        for cabeza in range(self.n_head):
            trozos.append(z[:, cabeza, :, :])       # (B, T, D)
        return torch.cat(trozos, dim=2)

    def forward(self, x):
        C = self.n_embd
        todo = self.qkv(x)                          # (B, T, 3C)
        q = self.partir(todo[:, :, 0:C])
        k = self.partir(todo[:, :, C:2 * C])
        v = self.partir(todo[:, :, 2 * C:3 * C])
        salida, pesos = causal_attention(q, k, v)
        x = self.pegar(salida)
        x = self.output(x)
        return x


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, n_embd * 4),
            nn.GELU(),
            nn.Linear(n_embd * 4, n_embd),
        )

    def forward(self, x):
        # primero las letras hablan entre ellas
        a = self.norm_1(x)
        a = self.attention(a)
        x = x + a
        # despues cada letra piensa sola
        b = self.norm_2(x)
        b = self.mlp(b)
        x = x + b
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        resto = n_embd % n_head
        if resto != 0:
            raise ValueError("n_embd tiene que ser divisible por n_head")

        self.config = {}
        self.config["vocab_size"] = vocab_size
        self.config["n_embd"] = n_embd
        self.config["n_head"] = n_head
        self.config["n_layer"] = n_layer
        self.config["block_size"] = block_size

        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        self.position_embedding = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList()
        for numero in range(n_layer):
            bloque = Block(n_embd, n_head)
            self.blocks.append(bloque)
        self.norm = nn.LayerNorm(n_embd)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        largo = ids.shape[1]
        maximo = self.config["block_size"]
        if largo > maximo:
            raise ValueError("texto demasiado largo: " + str(largo) + " > " + str(maximo))

        # que letra es + donde esta
        letras = self.token_embedding(ids)                      # (B, T, C)
        numeros = torch.arange(0, largo, device=ids.device)     # (T)
        lugares = self.position_embedding(numeros)              # (T, C)
        x = letras + lugares                                    # (B, T, C)

        for bloque in self.blocks:
            x = bloque(x)
        x = self.norm(x)
        x = self.head(x)                                        # (B, T, vocab_size)
        return x
