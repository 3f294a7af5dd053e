# Une étudiante : une seule classe, des listes de couches lues avec zip, une petite étape par ligne.
import math

import torch
import torch.nn as nn


def causal_attention(q, k, v):
    T = q.shape[2]
    D = q.shape[3]

    # ressemblance entre chaque question et chaque clé
    k_tournee = k.transpose(2, 3)
    scores = torch.matmul(q, k_tournee)
    scores = scores / math.sqrt(D)

    # on cache le futur
    lignes = torch.arange(T, device=q.device).unsqueeze(1)
    colonnes = torch.arange(T, device=q.device).unsqueeze(0)
    permis = lignes >= colonnes
    moins_infini = torch.full_like(scores, -math.inf)
    scores = torch.where(permis, scores, moins_infini)

    poids = torch.softmax(scores, dim=3)
    resultat = torch.matmul(poids, v)
    return resultat, poids


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError("n_embd doit être un multiple de n_head")
        self.config = {}
        self.config["vocab_size"] = vocab_size
        self.config["n_embd"] = n_embd
        self.config["n_head"] = n_head
        self.config["n_layer"] = n_layer
        self.config["block_size"] = block_size
        self.taille_tete = n_embd // n_head

        self.lettres = nn.Embedding(vocab_size, n_embd)
        self.places = nn.Embedding(block_size, n_embd)

        couches = range(n_layer)
        self.normes_un = nn.ModuleList([nn.LayerNorm(n_embd) for _ in couches])
        self.questions = nn.ModuleList([nn.Linear(n_embd, n_embd) for _ in couches])
        self.cles = nn.ModuleList([nn.Linear(n_embd, n_embd) for _ in couches])
        self.valeurs = nn.ModuleList([nn.Linear(n_embd, n_embd) for _ in couches])
        self.sorties = nn.ModuleList([nn.Linear(n_embd, n_embd) for _ in couches])
        self.normes_deux = nn.ModuleList([nn.LayerNorm(n_embd) for _ in couches])
        self.larges = nn.ModuleList([nn.Linear(n_embd, 4 * n_embd) for _ in couches])
        self.etroites = nn.ModuleList([nn.Linear(4 * n_embd, n_embd) for _ in couches])

        self.norme_finale = nn.LayerNorm(n_embd)
        self.tete = nn.Linear(n_embd, vocab_size)
        self.activation = nn.ReLU()

    def separer(self, x):
        # (B, T, C) -> (B, H, T, D)
        morceaux = torch.split(x, self.taille_tete, dim=2)
        return torch.stack(morceaux, dim=1)

    def recoller(self, x):
        # (B, H, T, D) -> (B, T, C)
        morceaux = torch.unbind(x, dim=1)
        return torch.cat(morceaux, dim=2)

    def forward(self, ids):
        T = ids.shape[1]
        if T > self.config["block_size"]:
            raise ValueError("le texte est trop long")

        x = self.lettres(ids)
        instants = torch.arange(T, device=ids.device)
        x = x + self.places(instants)

        attention = zip(self.normes_un, self.questions, self.cles, self.valeurs, self.sorties)
        reflexion = zip(self.normes_deux, self.larges, self.etroites)
        for parler, penser in zip(attention, reflexion):
            norme, question, cle, valeur, sortie = parler
            y = norme(x)
            q = self.separer(question(y))
            k = self.separer(cle(y))
            v = self.separer(valeur(y))
            melange, _ = causal_attention(q, k, v)
            melange = self.recoller(melange)
            x = x + sortie(melange)

            norme, large, etroite = penser
            y = norme(x)
            y = self.activation(large(y))
            x = x + etroite(y)

        x = self.norme_finale(x)
        logits = self.tete(x)
        return logits
