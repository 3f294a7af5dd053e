"""Vorlesung 8: Lernen durch Minimierung der Kreuzentropie.

Bezeichnungen wie auf den Folien: theta Parameter, eta Lernrate, L Verlust, z Logits,
B Fenster in einem Minibatch, T Länge eines Fensters, N Länge des Textes, V Größe des Vokabulars.
"""

import os
from pathlib import Path

import torch
from torch.optim import AdamW

VERSION = 1
N_SPECIAL = 3


# Def. 8.1: Ein Beispiel ist (x, y) = (w_s ... w_{s+T-1}, w_{s+1} ... w_{s+T}), s gleichverteilt.
def get_batch(ids, batch_size, block_size, generator):
    B, T, N = batch_size, block_size, len(ids)
    if N < T + 1:
        raise ValueError(f"N = {N} ids reichen nicht für ein Fenster mit T + 1 = {T + 1}")
    # s ~ U{0, ..., N - T - 1}, unabhängig für jedes der B Fenster
    s = torch.randint(0, N - T, (B,), generator=generator)
    w = [torch.asarray(ids[i : i + T + 1], dtype=torch.int64, copy=True) for i in s.tolist()]
    W = torch.stack(w)  # (B, T + 1)
    x = W[:, :-1].clone()  # (B, T)
    y = W[:, 1:].clone()  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return x, y


# (8.2)  L(theta) = - 1/(BT) sum_{b,t} ln p_theta(y_bt | x_b1 ... x_bt)
def negative_log_likelihood(z, y):
    log_p = torch.log_softmax(z, dim=-1)  # (B, T, V)
    log_p_y = log_p.gather(dim=-1, index=y.unsqueeze(-1))  # (B, T, V) -> (B, T, 1)
    return -log_p_y.mean()


# Algorithmus 8.3: Minibatch-Training mit AdamW
def train(
    model,
    ids,
    *,
    steps=100,
    batch_size=32,
    block_size=64,
    learning_rate=6e-3,
    seed=0,
    on_step=None,
):
    if steps < 1:
        raise ValueError(f"steps muss mindestens 1 sein, ist aber {steps}")
    eta = learning_rate
    theta = list(model.parameters())
    generator = torch.Generator()
    generator.manual_seed(seed)
    optimizer = AdamW(theta, lr=eta)
    verlauf = []
    modus = model.training
    model.train()
    try:
        for t in range(1, steps + 1):
            # Minibatch ziehen
            x, y = get_batch(ids, batch_size, block_size, generator)
            x, y = x.to(theta[0].device), y.to(theta[0].device)
            # Vorwärts: z = f_theta(x), dann L
            L = negative_log_likelihood(model(x), y)
            # Rückwärts: grad_theta L
            optimizer.zero_grad()
            L.backward()
            # theta <- AdamW(theta, grad_theta L, eta)
            optimizer.step()
            verlauf.append(L.item())
            if on_step is not None:
                on_step(t, verlauf[-1])
    finally:
        model.train(modus)
    return verlauf


def save_checkpoint(path, model, tokenizer):
    ziel = Path(path)
    entwurf = ziel.parent / (ziel.name + ".neu")
    inhalt = {
        "version": VERSION,
        "config": dict(model.config),
        "vocab": list(tokenizer.vocab),
        "theta": model.state_dict(),
    }
    try:
        with open(entwurf, "wb") as f:
            torch.save(inhalt, f)
        # Umbenennen ist atomar: Es gibt immer genau eine ganze Datei.
        os.replace(entwurf, ziel)
    except BaseException:
        entwurf.unlink(missing_ok=True)
        raise


def load_checkpoint(path):
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    with open(path, "rb") as f:
        try:
            inhalt = torch.load(f, weights_only=True, map_location="cpu")
        except Exception as fehler:
            raise ValueError(f"{path} ist beschädigt: bitte neu trainieren") from fehler
    if not isinstance(inhalt, dict) or inhalt.get("version") != VERSION:
        raise ValueError(f"{path} ist kein Checkpoint der Version {VERSION}: bitte neu trainieren")
    try:
        model = MiniGPT(**inhalt["config"])
        model.load_state_dict(inhalt["theta"])
        tokenizer = CharTokenizer("".join(inhalt["vocab"][N_SPECIAL:]))
    except (KeyError, TypeError, RuntimeError) as fehler:
        raise ValueError(f"{path} passt nicht zum Modell: bitte neu trainieren") from fehler
    model.eval()
    return model, tokenizer
