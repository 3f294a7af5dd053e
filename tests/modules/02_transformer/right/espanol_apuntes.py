# Apuntes de clase en español: pasos pequeños, una sola clase, todas las capas en un ModuleDict.
import torch
from torch import nn
from math import sqrt


def causal_attention(q, k, v):
    # 1. cuánto se parece cada pregunta a cada clave
    T = q.shape[2]
    D = q.shape[3]
    k_girada = k.permute(0, 1, 3, 2)
    parecido = torch.matmul(q, k_girada)
    parecido = parecido / sqrt(D)
    # 2. el futuro no se puede mirar
    pasado = torch.tril(torch.ones(T, T, device=q.device))
    prohibido = pasado == 0
    parecido = parecido.masked_fill(prohibido, -1e9)
    # 3. de números a probabilidades
    softmax = nn.Softmax(dim=-1)
    pesos = softmax(parecido)
    # 4. mezclar los valores
    mezcla = torch.matmul(pesos, v)
    return mezcla, pesos


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError("n_embd no se puede repartir entre las cabezas")
        self.config = {}
        self.config["vocab_size"] = vocab_size
        self.config["n_embd"] = n_embd
        self.config["n_head"] = n_head
        self.config["n_layer"] = n_layer
        self.config["block_size"] = block_size

        self.letras = nn.Embedding(vocab_size, n_embd)
        self.lugares = nn.Embedding(block_size, n_embd)

        self.capas = nn.ModuleDict()
        for i in range(n_layer):
            self.capas[f"norma_a{i}"] = nn.LayerNorm(n_embd)
            self.capas[f"pregunta{i}"] = nn.Linear(n_embd, n_embd)
            self.capas[f"clave{i}"] = nn.Linear(n_embd, n_embd)
            self.capas[f"valor{i}"] = nn.Linear(n_embd, n_embd)
            self.capas[f"salida{i}"] = nn.Linear(n_embd, n_embd)
            self.capas[f"norma_b{i}"] = nn.LayerNorm(n_embd)
            self.capas[f"ancha{i}"] = nn.Linear(n_embd, 4 * n_embd)
            self.capas[f"estrecha{i}"] = nn.Linear(4 * n_embd, n_embd)

        self.norma_final = nn.LayerNorm(n_embd)
        self.respuesta = nn.Linear(n_embd, vocab_size)

    def en_cabezas(self, x):
        B, T, C = x.shape
        H = self.config["n_head"]
        trozos = x.reshape(B, T, H, C // H)
        return trozos.swapaxes(1, 2)

    def atender(self, x, i):
        B, T, C = x.shape
        q = self.en_cabezas(self.capas[f"pregunta{i}"](x))
        k = self.en_cabezas(self.capas[f"clave{i}"](x))
        v = self.en_cabezas(self.capas[f"valor{i}"](x))
        mezcla, pesos = causal_attention(q, k, v)
        juntas = mezcla.swapaxes(1, 2).reshape(B, T, C)
        return self.capas[f"salida{i}"](juntas)

    def pensar(self, x, i):
        ancho = self.capas[f"ancha{i}"](x)
        ancho = torch.relu(ancho)
        return self.capas[f"estrecha{i}"](ancho)

    def forward(self, ids):
        B, T = ids.shape
        maximo = self.config["block_size"]
        if T > maximo:
            raise ValueError(f"el texto tiene {T} letras, el máximo es {maximo}")

        que_letra = self.letras(ids)
        lugar = torch.arange(T, device=ids.device)
        que_lugar = self.lugares(lugar)
        x = que_letra + que_lugar

        for i in range(self.config["n_layer"]):
            normal = self.capas[f"norma_a{i}"](x)
            atendido = self.atender(normal, i)
            x = x + atendido
            normal = self.capas[f"norma_b{i}"](x)
            pensado = self.pensar(normal, i)
            x = x + pensado

        x = self.norma_final(x)
        logits = self.respuesta(x)
        return logits
