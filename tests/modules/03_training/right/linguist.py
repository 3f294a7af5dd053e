"""L'apprentissage : le modèle lit des extraits du corpus et devine chaque fois le caractère suivant."""

import os
import tempfile
from pathlib import Path

import torch
from torch.nn import functional as F

VERSION = 1


def get_batch(ids, batch_size, block_size, generator):
    """Tire des extraits au hasard, comme les lignes d'un concordancier, chacun avec sa suite."""
    longueur = len(ids)
    if longueur <= block_size:
        raise ValueError(f"corpus trop court : {longueur} ids, il en faut {block_size + 1}")
    # Le nombre de positions où un extrait et sa dernière réponse tiennent dans le corpus.
    positions = longueur - block_size
    debuts = torch.randint(positions, (batch_size,), generator=generator).tolist()
    contextes, suites = [], []
    for debut in debuts:
        extrait = [int(i) for i in ids[debut : debut + block_size + 1]]
        contextes.append(extrait[:-1])
        suites.append(extrait[1:])  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    x = torch.tensor(contextes, dtype=torch.int64)
    y = torch.tensor(suites, dtype=torch.int64)
    return x, y


def train(model, ids, *, steps=100, batch_size=32, block_size=64,
          learning_rate=6e-3, seed=0, on_step=None):
    """Entraîne le modèle ; rend la surprise moyenne (en nats) de chaque pas."""
    if steps < 1:
        raise ValueError(f"il faut au moins un pas, reçu : {steps}")
    hasard = torch.Generator().manual_seed(seed)
    optimiseur = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    appareil = next(model.parameters()).device
    surprises = []
    # Noter le mode du modèle, pour le lui rendre à la fin.
    apprenait = model.training
    model.train()
    try:
        for pas in range(1, steps + 1):
            x, y = get_batch(ids, batch_size, block_size, hasard)
            scores = model(x.to(appareil))  # (B, T, V)
            # cross_entropy veut les classes en deuxième place : (B, V, T)
            perte = F.cross_entropy(scores.transpose(1, 2), y.to(appareil))
            optimiseur.zero_grad()
            perte.backward()
            optimiseur.step()
            surprise = perte.item()
            surprises.append(surprise)
            if on_step is not None:
                on_step(pas, surprise)
    finally:
        model.train(apprenait)
    return surprises


def save_checkpoint(path, model, tokenizer):
    """Garde le modèle et son lexique dans un seul fichier, d'abord sous un nom provisoire."""
    path = Path(path)
    fiche = {
        "version": VERSION,
        "config": model.config,
        "vocab": list(tokenizer.vocab),
        "state_dict": model.state_dict(),
    }
    descripteur, brouillon = tempfile.mkstemp(suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descripteur, "wb") as fichier:
            torch.save(fiche, fichier)
        # Le brouillon prend d'un coup la place de l'ancien fichier.
        os.replace(brouillon, path)
    except BaseException:
        os.unlink(brouillon)
        raise


def load_checkpoint(path):
    """Relit la fiche et reconstruit le modèle et le tokeniseur."""
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    with open(path, "rb") as fichier:
        try:
            fiche = torch.load(fichier, map_location="cpu", weights_only=True)
        except Exception as erreur:
            raise ValueError(f"{path} est illisible : entraîner de nouveau") from erreur
    if not isinstance(fiche, dict) or fiche.get("version") != VERSION:
        raise ValueError(f"{path} n'est pas une fiche de version {VERSION} : entraîner de nouveau")
    try:
        model = MiniGPT(**fiche["config"])
        model.load_state_dict(fiche["state_dict"])
        # Les trois premières formes sont spéciales, les autres sont l'alphabet du corpus.
        alphabet = "".join(fiche["vocab"][3:])
    except (KeyError, TypeError, RuntimeError) as erreur:
        raise ValueError(f"{path} ne va pas avec ce modèle : entraîner de nouveau") from erreur
    model.eval()
    return model, CharTokenizer(alphabet)
