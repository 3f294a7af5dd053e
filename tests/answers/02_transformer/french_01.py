# transformer.py
#
# Les lettres utilisées pour les formes :
#   B = nombre de séquences        T = nombre de tokens par séquence
#   C = n_embd                     H = n_head (nombre de têtes)
#   D = C / H (taille d'une tête)

import math

import torch
from torch import nn


def causal_attention(q, k, v):
    """Attention causale : q, k et v sont de forme (B, H, T, D)."""
    # Étape 1 : lire T et D, les deux dernières dimensions de q
    T, D = q.shape[-2:]

    # Étape 2 : transposer k, en échangeant ses deux derniers axes
    k_transposed = k.transpose(-2, -1)  # (B, H, T, D) -> (B, H, D, T)

    # Étape 3 : un score pour chaque paire (query, key)
    scores = q @ k_transposed  # PREDICT: what shape is this for q of (2, 4, 10, 16)?

    # Étape 4 : diviser par la racine carrée de D
    scores = scores / math.sqrt(D)

    # Étape 5 : construire le masque du futur
    # ligne = query, colonne = key ; triu avec diagonal=1 garde True au-dessus de la diagonale
    all_true = torch.ones(T, T, dtype=torch.bool, device=q.device)  # (T, T)
    future = torch.triu(all_true, diagonal=1)

    # Étape 6 : mettre le futur à -infini (masked_fill crée un nouveau tenseur)
    scores = scores.masked_fill(future, float("-inf"))

    # Étape 7 : softmax sur les keys, c'est-à-dire sur le dernier axe
    weights = torch.softmax(scores, dim=-1)

    # Étape 8 : moyenne des v, pondérée par les poids
    output = weights @ v  # -> (B, H, T, D)

    return output, weights


class SelfAttention(nn.Module):
    """Attention causale à plusieurs têtes."""

    def __init__(self, n_embd, n_head):
        # Obligatoire dans tout nn.Module, avant de créer les couches
        super().__init__()

        # Garder le nombre de têtes pour forward
        self.n_head = n_head

        # Une seule couche calcule q, k et v à la fois
        self.qkv = nn.Linear(n_embd, 3 * n_embd)

        # Une couche mélange les têtes une fois recollées
        self.output = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        # Lire les dimensions
        B, T, C = x.shape
        H = self.n_head
        D = C // H

        # Calculer q, k et v ensemble
        qkv = self.qkv(x)  # (B, T, C) -> (B, T, 3 * C)

        # Couper en trois le long du dernier axe
        q, k, v = qkv.chunk(3, dim=-1)  # (B, T, 3 * C) -> trois fois (B, T, C)

        # Découper C en H têtes de taille D
        q = q.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        k = k.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)
        v = v.reshape(B, T, H, D)  # (B, T, C) -> (B, T, H, D)

        # Mettre les têtes avant les tokens : chaque tête travaille séparément
        q = q.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        k = k.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)
        v = v.transpose(1, 2)  # (B, T, H, D) -> (B, H, T, D)

        # Appliquer l'attention ; le « _ » reçoit les poids, inutiles ici
        x, _ = causal_attention(q, k, v)  # -> (B, H, T, D)

        # Remettre les tokens avant les têtes
        x = x.transpose(1, 2)  # (B, H, T, D) -> (B, T, H, D)

        # Recoller les têtes côte à côte
        x = x.reshape(B, T, C)  # (B, T, H, D) -> (B, T, C)

        # Mélanger les résultats des têtes
        return self.output(x)


class Block(nn.Module):
    """Un bloc du transformer : attention, puis MLP."""

    def __init__(self, n_embd, n_head):
        super().__init__()

        # Première moitié : normalisation, puis attention
        self.norm_1 = nn.LayerNorm(n_embd)
        self.attention = SelfAttention(n_embd, n_head)

        # Deuxième moitié : normalisation, puis MLP
        self.norm_2 = nn.LayerNorm(n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(n_embd, 4 * n_embd),  # (B, T, C) -> (B, T, 4 * C)
            nn.GELU(),
            nn.Linear(4 * n_embd, n_embd),  # (B, T, 4 * C) -> (B, T, C)
        )

    def forward(self, x):
        # x reste de forme (B, T, C) du début à la fin
        # Ajouter à x ce que l'attention a trouvé
        x = x + self.attention(self.norm_1(x))

        # Ajouter à x ce que le MLP a calculé
        x = x + self.mlp(self.norm_2(x))

        return x


class MiniGPT(nn.Module):
    """Un petit GPT : des ids de tokens en entrée, des logits en sortie."""

    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()

        # Vérifier que n_embd se découpe en n_head têtes de même taille
        if n_embd % n_head != 0:
            raise ValueError(f"n_embd ({n_embd}) doit être divisible par n_head ({n_head})")

        # Garder les réglages du modèle
        self.config = {
            "vocab_size": vocab_size,
            "n_embd": n_embd,
            "n_head": n_head,
            "n_layer": n_layer,
            "block_size": block_size,
        }

        # Un vecteur appris pour chaque token du vocabulaire
        self.token_embedding = nn.Embedding(vocab_size, n_embd)

        # Un vecteur appris pour chaque position
        self.position_embedding = nn.Embedding(block_size, n_embd)

        # n_layer blocs ; ModuleList permet à PyTorch de voir leurs paramètres
        self.blocks = nn.ModuleList([Block(n_embd, n_head) for _ in range(n_layer)])

        # Normalisation finale
        self.norm = nn.LayerNorm(n_embd)

        # Un logit par token du vocabulaire (poids propres, non partagés)
        self.head = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        # Lire les dimensions : ids est de forme (B, T)
        B, T = ids.shape

        # Refuser une séquence trop longue
        block_size = self.config["block_size"]
        if T > block_size:
            raise ValueError(f"T ({T}) dépasse block_size ({block_size})")

        # Remplacer chaque id par son vecteur
        tokens = self.token_embedding(ids)  # (B, T) -> (B, T, C)

        # Numéroter les positions : 0, 1, ..., T - 1
        positions = torch.arange(T, device=ids.device)  # (T,)

        # Remplacer chaque numéro de position par son vecteur
        positions = self.position_embedding(positions)  # (T,) -> (T, C)

        # Additionner ; PyTorch réutilise les positions pour chaque séquence
        x = tokens + positions  # (B, T, C) + (T, C) -> (B, T, C)

        # Traverser les blocs l'un après l'autre
        for block in self.blocks:
            x = block(x)

        # Normaliser une dernière fois
        x = self.norm(x)

        # Calculer les logits bruts, sans softmax
        logits = self.head(x)  # (B, T, C) -> (B, T, vocab_size)

        return logits
