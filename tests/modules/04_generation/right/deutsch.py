# style: German names and comments, a context manager for the mode, top-k by scatter, one word after the other
from contextlib import contextmanager
from math import inf

import torch

LAENGSTES_WORT = 30


@contextmanager
def auswertung(modell):
    """Schaltet das Modell um, und danach wieder zurueck."""
    vorher = modell.training
    modell.eval()
    yield
    modell.train(vorher)


def nur_die_besten(punkte, k):
    k = min(k, punkte.shape[-1])
    beste = punkte.topk(k)
    leer = torch.full_like(punkte, -inf)
    return leer.scatter(-1, beste.indices, beste.values)


def waehle(punkte, temperatur, k, zufall):
    # Ohne Waerme gibt es keinen Zufall
    if temperatur == 0:
        return punkte.argmax(dim=-1, keepdim=True)
    if k is not None:
        punkte = nur_die_besten(punkte, k)
    anteile = torch.softmax(punkte / temperatur, dim=-1)
    return torch.multinomial(anteile, 1, generator=zufall)


@torch.no_grad()
def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    if not 0 <= temperature <= inf:
        raise ValueError("Die Temperatur muss mindestens 0 sein")
    if top_k is not None and top_k <= 0:
        raise ValueError("top_k muss mindestens 1 sein")
    fenster = model.config["block_size"]
    with auswertung(model):
        for _ in range(max_new_tokens):
            # Das Modell sieht nur das Ende des Textes
            punkte = model(ids[:, -fenster:])
            neu = waehle(punkte[:, -1], temperature, top_k, generator)
            ids = torch.hstack([ids, neu])
    return ids


def ein_wort(model, tokenizer, ids, temperature, generator):
    """Haengt Zeichen an, bis ein Wort begonnen hat und ein Leerzeichen folgt."""
    begonnen = False
    for _ in range(LAENGSTES_WORT):
        ids = generate(model, ids, 1, temperature, generator=generator)
        leerzeichen = tokenizer.decode(ids[0, -1:].tolist()).isspace()
        if leerzeichen and begonnen:
            break
        begonnen = begonnen or not leerzeichen
    return ids


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    anfang = tokenizer.encode(prompt)
    ids = torch.tensor(anfang)[None]
    for _ in range(n_words):
        ids = ein_wort(model, tokenizer, ids, temperature, generator)
    return tokenizer.decode(ids[0].tolist())
