"""Entraîner un MiniGPT, le sauvegarder et le recharger."""

import os
import uuid
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    """Tire au hasard batch_size fenêtres du texte, avec leurs réponses."""
    # Vérifier que le texte contient au moins une fenêtre et sa dernière réponse.
    if len(ids) < block_size + 1:
        raise ValueError(f"Il faut au moins {block_size + 1} ids, mais il y en a {len(ids)}.")

    # Tirer un départ par fenêtre, en colonne : (batch_size, 1).
    # randint exclut la borne haute : le dernier départ est len(ids) - block_size - 1.
    starts = torch.randint(0, len(ids) - block_size, (batch_size, 1), generator=generator)

    # Ajouter 0, 1, 2, ... à chaque départ : (batch_size, block_size) positions.
    positions = starts + torch.arange(block_size)

    # Lire les entrées à ces positions.
    x = ids[positions]

    # Lire les réponses : l'id qui suit chaque entrée dans le texte.
    y = ids[positions + 1]  # PREDICT: which ids are in y, if x is [5, 6, 7]?

    return x, y


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    """Entraîne le modèle et renvoie la perte de chaque pas."""
    # 1. Vérifier qu'il y a au moins un pas à faire.
    if steps < 1:
        raise ValueError(f"steps doit valoir au moins 1, mais vaut {steps}.")

    # 2. Créer notre propre générateur, sans toucher à l'état global de PyTorch.
    #    Attention : si ton modèle contient du dropout, celui-ci tire ses nombres
    #    dans l'état global, et seed ne les fixe donc pas.
    generator = torch.Generator()
    generator.manual_seed(seed)

    # 3. Créer l'optimiseur, avec un taux d'apprentissage constant.
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)

    # 4. Noter le mode actuel : True pour entraînement, False pour évaluation.
    was_training = model.training

    losses = []
    try:
        for step in range(1, steps + 1):
            # 5. Passer en mode entraînement (on_step a pu changer le mode).
            model.train()

            # 6. Tirer un lot : x et y ont la forme (B, T).
            x, y = get_batch(ids, batch_size, block_size, generator)

            # 7. Calculer la perte moyenne sur toutes les positions.
            #    cross_entropy veut une ligne par position, donc on fusionne B et T :
            #    (B, T, vocab_size) devient (B*T, vocab_size), et (B, T) devient (B*T,).
            logits = model(x)
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())

            # 8. Remettre les gradients à zéro.
            optimizer.zero_grad()

            # 9. Calculer le gradient de la perte pour chaque poids.
            loss.backward()

            # 10. Modifier les poids.
            optimizer.step()

            # 11. Noter la perte : item() change le tenseur en float.
            loss_value = loss.item()
            losses.append(loss_value)

            # 12. Prévenir l'appelant, s'il l'a demandé.
            if on_step is not None:
                on_step(step, loss_value)
    finally:
        # 13. Rétablir le mode de départ ; finally s'exécute même après une erreur.
        model.train(was_training)

    return losses


def save_checkpoint(path, model, tokenizer):
    """Sauvegarde le modèle et le tokenizer dans un seul fichier."""
    # Accepter aussi bien un str qu'un Path.
    path = Path(path)

    # Réunir tout ce qu'il faut pour reconstruire le modèle et le tokenizer.
    checkpoint = {
        "config": model.config,
        "vocab": tokenizer.vocab,
        "state_dict": model.state_dict(),
    }

    # Choisir un nom temporaire unique, dans le même dossier que path.
    temporary_path = path.parent / f"{uuid.uuid4().hex}.tmp"

    try:
        # Écrire le fichier temporaire : l'ancien fichier n'est pas encore touché.
        torch.save(checkpoint, temporary_path)

        # Mettre le nouveau fichier, complet, à la place de path.
        os.replace(temporary_path, path)
    finally:
        # Supprimer le fichier temporaire s'il existe encore, donc après une erreur.
        temporary_path.unlink(missing_ok=True)


def load_checkpoint(path):
    """Recharge un modèle et son tokenizer, prêts à l'emploi."""
    # Lire le fichier : weights_only=True refuse d'exécuter du code caché dedans,
    # et map_location="cpu" place tous les tenseurs sur le processeur.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)

    # Reconstruire le tokenizer, sans les trois tokens spéciaux du début,
    # car CharTokenizer les ajoute lui-même.
    tokenizer = CharTokenizer("".join(checkpoint["vocab"][3:]))

    # Reconstruire un modèle de la même forme, puis y copier les poids sauvegardés.
    model = MiniGPT(**checkpoint["config"])
    model.load_state_dict(checkpoint["state_dict"])

    # Passer en mode évaluation.
    model.eval()

    return model, tokenizer
