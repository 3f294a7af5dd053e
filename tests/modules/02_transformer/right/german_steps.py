# Style: German student, one small step per line, temp variables everywhere, softmax by hand, additive mask
import math
import torch
from torch import nn


def causal_attention(abfrage, schluessel, wert):
    laenge = abfrage.shape[2]
    breite = abfrage.shape[3]

    # wie gut passt jede Abfrage zu jedem Schluessel?
    gedreht = schluessel.transpose(2, 3)
    punkte = torch.matmul(abfrage, gedreht)
    wurzel = math.sqrt(breite)
    punkte = punkte / wurzel

    # die Zukunft verstecken
    zukunft = torch.ones(laenge, laenge, device=abfrage.device)
    zukunft = torch.triu(zukunft, diagonal=1)
    maske = zukunft * -10000.0
    punkte = punkte + maske

    # Softmax von Hand
    groesste = punkte.max(dim=-1, keepdim=True).values
    zaehler = torch.exp(punkte - groesste)
    nenner = zaehler.sum(dim=-1, keepdim=True)
    gewichte = zaehler / nenner

    ergebnis = torch.matmul(gewichte, wert)
    return ergebnis, gewichte


class Aufmerksamkeit(nn.Module):
    def __init__(self, breite, koepfe):
        super().__init__()
        self.koepfe = koepfe
        self.zu_abfrage = nn.Linear(breite, breite)
        self.zu_schluessel = nn.Linear(breite, breite)
        self.zu_wert = nn.Linear(breite, breite)
        self.ausgang = nn.Linear(breite, breite)

    def aufteilen(self, x):
        anzahl = x.shape[0]
        laenge = x.shape[1]
        breite = x.shape[2]
        kopfbreite = breite // self.koepfe
        x = x.reshape(anzahl, laenge, self.koepfe, kopfbreite)
        x = x.transpose(1, 2)
        return x

    def forward(self, x):
        anzahl = x.shape[0]
        laenge = x.shape[1]
        breite = x.shape[2]

        abfrage = self.zu_abfrage(x)
        schluessel = self.zu_schluessel(x)
        wert = self.zu_wert(x)

        abfrage = self.aufteilen(abfrage)
        schluessel = self.aufteilen(schluessel)
        wert = self.aufteilen(wert)

        ergebnis, gewichte = causal_attention(abfrage, schluessel, wert)

        ergebnis = ergebnis.transpose(1, 2)
        ergebnis = ergebnis.reshape(anzahl, laenge, breite)
        ergebnis = self.ausgang(ergebnis)
        return ergebnis


class Schicht(nn.Module):
    def __init__(self, breite, koepfe):
        super().__init__()
        self.norm_eins = nn.LayerNorm(breite)
        self.aufmerksamkeit = Aufmerksamkeit(breite, koepfe)
        self.norm_zwei = nn.LayerNorm(breite)
        self.hinauf = nn.Linear(breite, 4 * breite)
        self.knick = nn.GELU()
        self.hinunter = nn.Linear(4 * breite, breite)

    def forward(self, x):
        normiert = self.norm_eins(x)
        neu = self.aufmerksamkeit(normiert)
        summe = x + neu
        normiert = self.norm_zwei(summe)
        neu = self.hinauf(normiert)
        neu = self.knick(neu)
        neu = self.hinunter(neu)
        summe = summe + neu
        return summe


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        rest = n_embd % n_head
        if rest != 0:
            raise ValueError("n_embd laesst sich nicht durch n_head teilen")

        self.config = {}
        self.config["vocab_size"] = vocab_size
        self.config["n_embd"] = n_embd
        self.config["n_head"] = n_head
        self.config["n_layer"] = n_layer
        self.config["block_size"] = block_size

        self.zeichen = nn.Embedding(vocab_size, n_embd)
        self.orte = nn.Embedding(block_size, n_embd)
        schichten = []
        for nummer in range(n_layer):
            schicht = Schicht(n_embd, n_head)
            schichten.append(schicht)
        self.schichten = nn.ModuleList(schichten)
        self.norm_ende = nn.LayerNorm(n_embd)
        self.kopf = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        laenge = ids.shape[1]
        if laenge > self.config["block_size"]:
            raise ValueError("der Text ist laenger als block_size")
        was = self.zeichen(ids)
        stellen = torch.arange(laenge, device=ids.device)
        wo = self.orte(stellen)
        x = was + wo
        for schicht in self.schichten:
            x = schicht(x)
        x = self.norm_ende(x)
        punkte = self.kopf(x)
        return punkte
