# style: a German student, one small step per line, temporary variables, while loops
import os
import torch
import torch.nn as nn
from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # wie viele Ids gibt es, und wo darf ein Fenster anfangen?
    anzahl_ids = len(ids)
    anzahl_starts = anzahl_ids - block_size
    if anzahl_starts < 1:
        raise ValueError("Der Text ist zu kurz")
    eingaben = []
    antworten = []
    while len(eingaben) < batch_size:
        # einen Anfang auswuerfeln
        wurf = torch.randint(0, anzahl_starts, (1,), generator=generator)
        anfang = int(wurf)
        ende = anfang + block_size + 1
        # ein Zeichen mehr als noetig, fuer die letzte Antwort
        fenster = ids[anfang:ende]
        eingabe = fenster[:-1]
        antwort = fenster[1:]
        eingaben.append(eingabe)
        antworten.append(antwort)
    x = torch.stack(eingaben)
    y = torch.stack(antworten)
    return x, y


def train(model, ids, *, steps=100, batch_size=32, block_size=64,
          learning_rate=6e-3, seed=1, on_step=None):
    if steps < 1:
        raise ValueError("steps muss mindestens 1 sein")
    zufall = torch.Generator()
    zufall.manual_seed(seed)
    gewichte = model.parameters()
    optimierer = torch.optim.AdamW(gewichte, lr=learning_rate)
    fehler_funktion = nn.CrossEntropyLoss()
    verluste = []
    war_training = model.training
    model.train()
    schritt = 1
    while schritt <= steps:
        # raten
        x, y = get_batch(ids, batch_size, block_size, zufall)
        logits = model(x)
        # vergleichen
        anzahl_zeichen = logits.shape[2]
        flache_logits = logits.reshape(-1, anzahl_zeichen)
        flache_antworten = y.reshape(-1)
        verlust = fehler_funktion(flache_logits, flache_antworten)
        # lernen
        optimierer.zero_grad()
        verlust.backward()
        optimierer.step()
        # merken
        zahl = verlust.item()
        verluste.append(zahl)
        if on_step is not None:
            on_step(schritt, zahl)
        schritt = schritt + 1
    # den alten Modus wieder herstellen
    model.train(war_training)
    return verluste


def save_checkpoint(path, model, tokenizer):
    ziel = str(path)
    zwischen = ziel + ".neu"
    inhalt = {}
    inhalt["config"] = model.config
    inhalt["vocab"] = tokenizer.vocab
    inhalt["gewichte"] = model.state_dict()
    try:
        torch.save(inhalt, zwischen)
        os.replace(zwischen, ziel)
    except Exception:
        # halbe Datei wegraeumen
        if os.path.exists(zwischen):
            os.remove(zwischen)
        raise


def load_checkpoint(path):
    inhalt = torch.load(path, map_location="cpu", weights_only=True)
    einstellungen = inhalt["config"]
    modell = MiniGPT(**einstellungen)
    gewichte = inhalt["gewichte"]
    modell.load_state_dict(gewichte)
    modell.eval()
    vokabular = inhalt["vocab"]
    zeichen = "".join(vokabular[3:])
    tokenizer = CharTokenizer(zeichen)
    return modell, tokenizer
