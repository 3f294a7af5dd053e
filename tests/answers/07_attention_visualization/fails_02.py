"""Wohin schaut das Modell? Aufzeichnen, nachlesen, malen."""
import sys

import torch

FUNKTION = "causal_attention"


def ersatz(echte, blaetter):
    def lauschen(*argumente, **benannte):
        ausgabe, gewichte = echte(*argumente, **benannte)
        blaetter.append(gewichte.detach()[0].cpu())
        return ausgabe, gewichte

    return lauschen


def record_attention(model, ids):
    modul = sys.modules.get(type(model).__module__)
    echte = getattr(modul, FUNKTION, None)
    if echte is None:
        raise ValueError(f"In {type(model).__module__} gibt es keine Funktion {FUNKTION}")
    blaetter = []
    vorher = model.training
    setattr(modul, FUNKTION, ersatz(echte, blaetter))
    try:
        with torch.no_grad():
            model.eval()
            model(ids)
    finally:
        setattr(modul, FUNKTION, echte)
        model.train(vorher)
    if not blaetter:
        raise ValueError(f"Das Modell ruft {FUNKTION} nie auf")
    return blaetter


def pruefe(anzahl, tokens):
    if anzahl != len(tokens):
        raise ValueError(f"Es sind {anzahl} Zeichen noetig, nicht {len(tokens)}")


def strongest(weights, tokens, place, n=3):
    pruefe(weights.shape[0], tokens)
    if place < 0 or place >= len(tokens):
        raise ValueError(f"Die Stelle {place} gibt es nicht")
    if n < 1:
        raise ValueError("n muss mindestens 1 sein")
    anteile = {stelle: float(weights[place, stelle]) for stelle in range(place + 1)}
    rangfolge = sorted(anteile, key=anteile.get, reverse=True)
    return [(stelle, tokens[stelle], anteile[stelle]) for stelle in rangfolge[:n]]


def attention_figure(weights, tokens):
    from matplotlib.figure import Figure

    schichten, koepfe = len(weights), weights[0].shape[0]
    for schicht in weights:
        pruefe(schicht.shape[1], tokens)
    zeichen = ["␣" if z == " " else z for z in tokens]
    bild = Figure(figsize=(koepfe * 3.2, schichten * 3.4), layout="compressed")
    felder = bild.subplots(schichten, koepfe, squeeze=False)
    for s, zeile in enumerate(felder, start=1):
        for k, feld in enumerate(zeile, start=1):
            karte = feld.imshow(weights[s - 1][k - 1], cmap="YlGnBu", vmin=0, vmax=1)
            feld.set_title(f"layer {s}, head {k}")
            feld.set_xticks(range(len(zeichen)), labels=zeichen)
            feld.set_yticks(range(len(zeichen)), labels=zeichen)
            bild.colorbar(karte, ax=feld)
    return bild
