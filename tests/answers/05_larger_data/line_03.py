"""Ein Buch statt eines Satzes, Schritt für Schritt."""

import os

import numpy as np
import torch
from torch import nn


# Schritt 1: den Text stückweise lesen
def read_pieces(path, size=1_000_000):
    with open(path, "r", encoding="utf-8-sig") as datei:
        stueck = datei.read(size)
        if not stueck:
            raise ValueError("Die Datei ist leer.")
        while stueck:
            yield stueck
            stueck = datei.read(size)


# Schritt 2: die Nummern schreiben
def write_ids(path, pieces):
    entwurf = str(path) + ".entwurf"
    anzahl = 0
    fertig = False
    try:
        with open(entwurf, "wb") as datei:
            for stueck in pieces:
                for nummer in stueck:
                    if nummer < 0 or nummer > 65535:
                        raise ValueError(f"Nummer {nummer} passt nicht in zwei Bytes.")
                datei.write(np.array(stueck, dtype="<u2").tobytes())
                anzahl += len(stueck)
        os.replace(entwurf, path)
        fertig = True
    finally:
        if not fertig:
            os.remove(entwurf)
    return anzahl


# Schritt 3: die Datei öffnen, ohne sie zu lesen
def open_ids(path):
    groesse = os.path.getsize(path)
    if groesse == 0:
        raise ValueError("Die Datei ist leer.")
    if groesse % 2 != 0:
        raise ValueError("Die letzte Nummer ist nicht vollständig.")
    return np.memmap(path, dtype="<u2", mode="r")


# Schritt 4: teilen
def split(ids, share=0.9):
    if not 0 <= share <= 1:
        raise ValueError("Der Anteil liegt zwischen 0 und 1.")
    grenze = int(len(ids) * share)
    if grenze == 0 or grenze == len(ids):
        raise ValueError("Ein Teil wäre leer.")
    return ids[:grenze], ids[grenze:]


def ausschnitt(ids, anfang, ende):
    return torch.from_numpy(np.array(ids[anfang:ende], dtype=np.int64))


# Schritt 5: messen
def evaluate(model, ids, block_size=64, batch_size=32):
    antworten = len(ids) - 1
    if antworten < 1:
        raise ValueError("Es braucht mindestens zwei Nummern.")
    verlust = nn.CrossEntropyLoss(reduction="sum")
    lernte = model.training
    model.eval()
    try:
        with torch.no_grad():
            summe = 0.0
            ganze = antworten // block_size
            for erstes in range(0, ganze, batch_size):
                fenster = list(range(erstes, min(erstes + batch_size, ganze)))
                x = [ausschnitt(ids, k * block_size, (k + 1) * block_size) for k in fenster]
                y = [ausschnitt(ids, k * block_size + 1, (k + 1) * block_size + 1) for k in fenster]
                punkte = model(torch.stack(x))
                summe += verlust(punkte.flatten(0, 1), torch.stack(y).flatten()).item()
            rest = antworten % block_size
            if rest > 0:
                x = ausschnitt(ids, antworten - rest, antworten)
                y = ausschnitt(ids, antworten - rest + 1, antworten + 1)
                punkte = model(x.unsqueeze(0))
                summe += verlust(punkte.squeeze(0), y).item()
    finally:
        model.train(lernte)
    return summe / antworten


# Schritt 6: lernen
def train_on_book(
    model, train_ids, val_ids, *, steps, eval_every=100, batch_size=32, block_size=64,
    learning_rate=3e-3, seed=0, on_eval=None,
):
    if steps < 1:
        raise ValueError("Mindestens ein Schritt.")
    if eval_every < 1:
        raise ValueError("Zwischen zwei Messungen liegt mindestens ein Schritt.")
    if len(train_ids) < block_size + 1:
        raise ValueError("Der Lerntext ist zu kurz.")
    if len(val_ids) < 2:
        raise ValueError("Der Prüftext ist zu kurz.")
    wuerfel = torch.Generator().manual_seed(seed)
    optimierer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.1)
    verlust = nn.CrossEntropyLoss()
    verlauf = []
    verluste = []
    bester_verlust = float("inf")
    beste_gewichte = None
    lernte = model.training
    try:
        for schritt in range(1, steps + 1):
            model.train()
            anfaenge = torch.randint(0, len(train_ids) - block_size, (batch_size,), generator=wuerfel)
            fenster = [ausschnitt(train_ids, a, a + block_size + 1) for a in anfaenge.tolist()]
            fenster = torch.stack(fenster)
            x, y = fenster[:, :-1], fenster[:, 1:]
            punkte = model(x)
            fehler = verlust(punkte.flatten(0, 1), y.flatten())
            optimierer.zero_grad()
            fehler.backward()
            optimierer.step()
            verluste.append(fehler.item())
            if schritt % eval_every == 0 or schritt == steps:
                pruefverlust = evaluate(model, val_ids, block_size, batch_size)
                lernverlust = sum(verluste) / len(verluste)
                verluste = []
                if pruefverlust < bester_verlust:
                    bester_verlust = pruefverlust
                    beste_gewichte = {n: g.clone() for n, g in model.state_dict().items()}
                verlauf.append((schritt, lernverlust, pruefverlust))
                if on_eval is not None:
                    on_eval(schritt, lernverlust, pruefverlust)
        if beste_gewichte is not None:
            model.load_state_dict(beste_gewichte)
    finally:
        model.train(lernte)
    return verlauf
