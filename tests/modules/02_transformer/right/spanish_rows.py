# Mi primer GPT, paso a paso y sin trucos.
# Lote = B, largo = T, canales = C, cabezas = H, tamano de una cabeza = D

import math
import torch
import torch.nn as nn


def suavizar(puntos):
    # softmax hecho a mano sobre la ultima dimension
    maximo = puntos.max(dim=-1, keepdim=True).values
    exponenciales = torch.exp(puntos - maximo)
    suma = exponenciales.sum(dim=-1, keepdim=True)
    return exponenciales / suma


def causal_attention(q, k, v):
    lote, cabezas, largo, tamano = q.shape

    # la tabla de pesos, al principio sin filas
    filas = [q.new_zeros(lote, cabezas, 0, largo)]

    # fila por fila: cada token pregunta a si mismo y a los anteriores
    for t in range(largo):
        consulta = q[:, :, t : t + 1, :]                        # (B, H, 1, D)
        claves = k[:, :, 0 : t + 1, :]                          # (B, H, t+1, D)

        # producto de la consulta con cada clave
        puntos = (consulta * claves).sum(dim=-1)                # (B, H, t+1)

        # achicar los puntos para que el softmax no elija uno solo
        puntos = puntos / math.sqrt(claves.shape[-1])

        # la fila de pesos, y ceros para los que vienen despues: a ellos no se los mira
        fila = suavizar(puntos)                                 # (B, H, t+1)
        ceros = q.new_zeros(lote, cabezas, largo - t - 1)
        fila = torch.cat([fila, ceros], dim=2)                  # (B, H, T)
        filas.append(fila.unsqueeze(2))                         # (B, H, 1, T)

    # todas las filas, una debajo de otra
    pesos = torch.cat(filas, dim=2)                             # (B, H, T, T)

    # mezclar los valores
    salida = torch.matmul(pesos, v)   # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    return salida, pesos


class SelfAttention(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.cabezas = n_head
        self.tamano = n_embd // n_head
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        self.output = nn.Linear(n_embd, n_embd)

    def repartir(self, todo):
        # (B, T, C) -> lista de H pedazos (B, T, D) -> (B, H, T, D)
        pedazos = []
        for h in range(self.cabezas):
            desde = h * self.tamano
            hasta = desde + self.tamano
            pedazos.append(todo[:, :, desde:hasta])
        return torch.stack(pedazos, dim=1)

    def juntar(self, cabezas):
        # (B, H, T, D) -> (B, T, C)
        pedazos = []
        for h in range(self.cabezas):
            pedazos.append(cabezas[:, h])
        return torch.cat(pedazos, dim=2)

    def forward(self, x):
        todo = self.qkv(x)                                      # (B, T, 3C)
        canales = x.shape[2]
        q = self.repartir(todo[:, :, 0:canales])
        k = self.repartir(todo[:, :, canales : 2 * canales])
        v = self.repartir(todo[:, :, 2 * canales : 3 * canales])
        resultado, pesos = causal_attention(q, k, v)
        return self.output(self.juntar(resultado))


class Block(nn.Module):
    def __init__(self, n_embd, n_head):
        super().__init__()
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential()
        self.mlp.add_module("agrandar", nn.Linear(n_embd, 4 * n_embd))
        self.mlp.add_module("curva", nn.GELU())
        self.mlp.add_module("achicar", nn.Linear(4 * n_embd, n_embd))

    def forward(self, x):
        # hablar con los demas
        hablado = x + self.attention(self.norm_1(x))
        # pensar cada uno por su cuenta
        pensado = hablado + self.mlp(self.norm_2(hablado))
        return pensado


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        # cada cabeza recibe la misma cantidad de canales
        resto = n_embd % n_head
        if resto != 0:
            raise ValueError("n_embd no se puede dividir entre n_head, sobran " + str(resto))

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
        lote, largo = ids.shape
        if largo > self.config["block_size"]:
            raise ValueError("el texto es demasiado largo: " + str(largo))

        # que es el token, y en que lugar esta (0, 1, 2, ...)
        que = self.token_embedding(ids)                         # (B, T, C)
        lugares = torch.arange(largo, device=ids.device)        # (T,)
        donde = self.position_embedding(lugares)                # (T, C)
        x = que + donde                                         # (B, T, C)

        # pasar por todos los bloques
        for bloque in self.blocks:
            x = bloque(x)
        x = self.norm(x)

        # puntos para cada token posible
        return self.head(x)                                     # (B, T, vocab_size)
