"""Training des kleinen GPT, nach den Formeln.

Bezeichnungen:
    B   Zahl der Fenster         T   Laenge eines Fensters       V   Groesse des Alphabets
    L   = -1/(B T) * sum_{b,t} ln p(y_bt | x_b1 ... x_bt)        mittlere Ueberraschung in nat

AdamW (Loshchilov & Hutter 2019, Algorithmus 2), g = dL/dtheta:
    m_t     = beta1 m_{t-1} + (1 - beta1) g
    v_t     = beta2 v_{t-1} + (1 - beta2) g^2
    m_dach  = m_t / (1 - beta1^t)
    v_dach  = v_t / (1 - beta2^t)
    theta_t = theta_{t-1} - alpha * ( m_dach / (sqrt(v_dach) + eps) + lambda * theta_{t-1} )
"""

import os
from pathlib import Path

import torch

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    # Ein Fenster samt letzter Antwort braucht T + 1 Zeichen.
    laenge = block_size + 1
    if len(ids) < laenge:
        raise ValueError(f"Der Text ist zu kurz: {len(ids)} ids, gebraucht werden {laenge}.")

    # Alle moeglichen Fenster als Ansicht auf den Text, (N - T, T + 1). Kopiert wird hier nichts.
    alle_fenster = torch.as_tensor(ids).unfold(0, laenge, 1)

    # Gleichverteilte Auswahl von B Fenstern.
    auswahl = torch.randint(alle_fenster.shape[0], (batch_size,), generator=generator)
    fenster = alle_fenster[auswahl].to(torch.int64)

    # Frage und Antwort: dieselbe Folge, um eins verschoben.
    frage = fenster.narrow(1, 0, block_size).clone()
    antwort = fenster.narrow(1, 1, block_size).clone()  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return frage, antwort


def ueberraschung(z, y):
    """L(z, y) mit ln p_i = z_i - ln sum_j exp z_j."""
    ln_p = z - torch.logsumexp(z, dim=-1, keepdim=True)
    ln_p_richtig = torch.gather(ln_p, 2, y[:, :, None])
    return -ln_p_richtig.mean()


class AdamW:
    """Algorithmus 2, mit eta_t = alpha (kein Fahrplan)."""

    def __init__(self, theta, alpha, beta1=0.9, beta2=0.999, eps=1e-8, lambda_=1e-2):
        self.theta = list(theta)
        self.alpha, self.beta1, self.beta2 = alpha, beta1, beta2
        self.eps, self.lambda_ = eps, lambda_
        self.t = 0
        self.m = [torch.zeros_like(th) for th in self.theta]
        self.v = [torch.zeros_like(th) for th in self.theta]

    def nullen(self):
        for th in self.theta:
            th.grad = None

    @torch.no_grad()
    def schritt(self):
        self.t += 1
        for th, m, v in zip(self.theta, self.m, self.v):
            if th.grad is None:
                continue
            g = th.grad
            m.copy_(self.beta1 * m + (1 - self.beta1) * g)
            v.copy_(self.beta2 * v + (1 - self.beta2) * g**2)
            m_dach = m / (1 - self.beta1**self.t)
            v_dach = v / (1 - self.beta2**self.t)
            th.sub_(self.alpha * (m_dach / (v_dach.sqrt() + self.eps) + self.lambda_ * th))


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    if steps < 1:
        raise ValueError(f"Mindestens ein Schritt ist noetig, nicht {steps}.")

    # Aufbau: Zufallsquelle, Optimierer, Messreihe.
    wuerfel = torch.Generator()
    wuerfel.manual_seed(seed)
    optimierer = AdamW(model.parameters(), learning_rate)
    messreihe = []

    vorher = model.training
    model.train()
    try:
        for schritt in range(1, steps + 1):
            # Raten.
            x, y = get_batch(ids, batch_size, block_size, wuerfel)
            z = model(x)
            # Vergleichen.
            verlust = ueberraschung(z, y)
            # Lernen: Gradienten loeschen, neu bestimmen, Parameter verschieben.
            optimierer.nullen()
            verlust.backward()
            optimierer.schritt()
            # Protokoll.
            wert = verlust.item()
            messreihe.append(wert)
            if on_step is not None:
                on_step(schritt, wert)
    finally:
        # Der alte Zustand des Modells kommt in jedem Fall zurueck.
        model.train(vorher)
    return messreihe


def save_checkpoint(path, model, tokenizer):
    # Was aufbewahrt wird.
    paket = {
        "config": model.config,
        "vocab": list(tokenizer.vocab),
        "gewichte": model.state_dict(),
    }
    # Erst daneben schreiben, dann in einem Zug ersetzen.
    ziel = Path(path)
    daneben = ziel.with_name(ziel.name + f".{os.getpid()}.neu")
    try:
        with daneben.open("wb") as datei:
            torch.save(paket, datei)
        os.replace(daneben, ziel)
    finally:
        # Nach dem Ersetzen gibt es die Datei nicht mehr; nach einem Fehler wird sie entfernt.
        daneben.unlink(missing_ok=True)


def load_checkpoint(path):
    # Nur Tensoren und einfache Werte lesen.
    paket = torch.load(path, map_location="cpu", weights_only=True)
    # Modell und Alphabet wieder aufbauen; die ersten drei Zeichen sind die besonderen.
    modell = MiniGPT(**paket["config"])
    modell.load_state_dict(paket["gewichte"])
    zeichen = "".join(paket["vocab"][3:])
    return modell.eval(), CharTokenizer(zeichen)
