# transformer.py: un GPT muy pequeño, explicado línea por línea.

# math nos da la raíz cuadrada.
import math

# torch es la librería de tensores.
import torch

# nn contiene las capas de la red.
import torch.nn as nn


# La atención causal: cada token mira a sí mismo y hacia atrás.
def causal_attention(q, k, v):
    # Leemos la longitud T y el tamaño D de una cabeza.   q: (B, H, T, D)
    T, D = q.size(-2), q.size(-1)
    # Escalamos las consultas, para que las sumas no crezcan con D.   (B, H, T, D)
    q = q / math.sqrt(D)
    # Comparamos cada consulta con cada clave.   (B, H, T, D) @ (B, H, D, T) -> (B, H, T, T)
    scores = torch.matmul(q, k.transpose(-2, -1))  # PREDICT: what shape is this for q of (2, 4, 10, 16)?
    # Construimos la máscara: verdadero donde la clave está en el futuro.   (T, T)
    future = torch.ones(T, T, dtype=torch.bool, device=q.device).triu(diagonal=1)
    # Tapamos el futuro con menos infinito, antes del softmax.   (B, H, T, T)
    scores = scores.masked_fill(future, float("-inf"))
    # Convertimos cada fila en pesos que suman 1.   (B, H, T, T)
    weights = torch.softmax(scores, dim=-1)
    # Mezclamos los valores con esos pesos.   (B, H, T, T) @ (B, H, T, D) -> (B, H, T, D)
    output = torch.matmul(weights, v)
    # Devolvemos el resultado y los pesos.
    return output, weights


# La capa de atención con varias cabezas.
class SelfAttention(nn.Module):
    # Recibe el número de características y el número de cabezas.
    def __init__(self, n_embd, n_head):
        # Inicializamos la clase base.
        super().__init__()
        # Guardamos el número de cabezas.
        self.n_head = n_head
        # Una sola capa lineal produce q, k y v a la vez.
        self.qkv = nn.Linear(n_embd, 3 * n_embd)
        # Esta capa mezcla lo que encontraron las cabezas.
        self.output = nn.Linear(n_embd, n_embd)

    # El paso hacia adelante: (B, T, C) -> (B, T, C)
    def forward(self, x):
        # Leemos las dimensiones.
        B, T, C = x.shape
        # Calculamos el tamaño de cada cabeza.
        D = C // self.n_head
        # Calculamos q, k y v, y cortamos en tres.   (B, T, 3C) -> 3 x (B, T, C)
        q, k, v = self.qkv(x).split(C, dim=-1)
        # Repartimos q entre las cabezas.   (B, T, C) -> (B, H, T, D)
        q = q.view(B, T, self.n_head, D).transpose(1, 2)
        # Repartimos k entre las cabezas.   (B, T, C) -> (B, H, T, D)
        k = k.view(B, T, self.n_head, D).transpose(1, 2)
        # Repartimos v entre las cabezas.   (B, T, C) -> (B, H, T, D)
        v = v.view(B, T, self.n_head, D).transpose(1, 2)
        # Aplicamos la atención causal.   (B, H, T, D)
        y, _ = causal_attention(q, k, v)
        # Volvemos a poner las cabezas una al lado de otra.   (B, H, T, D) -> (B, T, H, D)
        y = y.transpose(1, 2)
        # Juntamos las dos últimas dimensiones.   (B, T, H, D) -> (B, T, C)
        y = y.reshape(B, T, C)
        # Mezclamos los resultados con la última capa.   (B, T, C)
        return self.output(y)


# Un bloque: primero atención, después una pequeña red.
class Block(nn.Module):
    # Recibe los mismos dos números.
    def __init__(self, n_embd, n_head):
        # Inicializamos la clase base.
        super().__init__()
        # La primera normalización, antes de la atención.
        self.norm_1 = nn.LayerNorm(n_embd)
        # La atención con varias cabezas.
        self.attention = SelfAttention(n_embd, n_head)
        # La segunda normalización, antes de la red.
        self.norm_2 = nn.LayerNorm(n_embd)
        # La pequeña red: ensancha cuatro veces, GELU, y vuelve.
        self.mlp = nn.Sequential(
            # (B, T, C) -> (B, T, 4C)
            nn.Linear(n_embd, 4 * n_embd),
            # La función no lineal.
            nn.GELU(),
            # (B, T, 4C) -> (B, T, C)
            nn.Linear(4 * n_embd, n_embd),
        )

    # El paso hacia adelante: (B, T, C) -> (B, T, C)
    def forward(self, x):
        # Normalizamos, atendemos y sumamos a lo que había.
        x = x + self.attention(self.norm_1(x))
        # Normalizamos, pensamos y sumamos a lo que había.
        x = x + self.mlp(self.norm_2(x))
        # Devolvemos el resultado.
        return x


# El modelo completo.
class MiniGPT(nn.Module):
    # Todos los tamaños tienen un valor por defecto.
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        # Inicializamos la clase base.
        super().__init__()
        # Cada cabeza recibe la misma parte; si sobra algo, avisamos.
        if n_embd % n_head != 0:
            # El error dice qué está mal.
            raise ValueError("n_embd must be divisible by n_head")
        # Guardamos la configuración.
        self.config = dict(
            # Cuántos tokens distintos hay.
            vocab_size=vocab_size,
            # Cuántos números tiene cada token.
            n_embd=n_embd,
            # Cuántas cabezas hay.
            n_head=n_head,
            # Cuántos bloques hay.
            n_layer=n_layer,
            # Cuántos tokens puede mirar el modelo.
            block_size=block_size,
        )
        # Un vector para cada token.
        self.token_embedding = nn.Embedding(vocab_size, n_embd)
        # Un vector para cada posición.
        self.position_embedding = nn.Embedding(block_size, n_embd)
        # Los bloques, uno tras otro.
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])
        # La última normalización.
        self.norm = nn.LayerNorm(n_embd)
        # La cabeza da una puntuación a cada token posible.
        self.head = nn.Linear(n_embd, vocab_size)

    # El paso hacia adelante: (B, T) -> (B, T, vocab_size)
    def forward(self, ids):
        # Leemos la longitud del texto.
        T = ids.shape[1]
        # Un texto demasiado largo no tiene posiciones.
        if T > self.config["block_size"]:
            # El error dice qué está mal.
            raise ValueError("the text is longer than block_size")
        # Las posiciones 0, 1, 2, ...   (T,)
        positions = torch.arange(T, device=ids.device)
        # Sumamos el vector del token y el de su posición.   (B, T, C) + (T, C) -> (B, T, C)
        x = self.token_embedding(ids) + self.position_embedding(positions)
        # Pasamos por los bloques.
        for block in self.blocks:
            # Cada bloque devuelve la misma forma.   (B, T, C)
            x = block(x)
        # Normalizamos por última vez.   (B, T, C)
        x = self.norm(x)
        # Calculamos las puntuaciones, sin softmax.   (B, T, C) -> (B, T, vocab_size)
        return self.head(x)
