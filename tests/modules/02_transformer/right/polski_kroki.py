# Styl: student, polskie nazwy, jeden mały krok w każdej linii.
import math
import torch
import torch.nn as nn


def causal_attention(q, k, v):
    ile_tokenow = q.shape[2]
    rozmiar_glowy = q.shape[3]

    # wyniki: każdy token z każdym
    klucze_obrocone = k.transpose(2, 3)
    wyniki = torch.matmul(q, klucze_obrocone)
    wyniki = wyniki / math.sqrt(rozmiar_glowy)

    # przyszłość jest zakazana
    jedynki = torch.ones(ile_tokenow, ile_tokenow)
    trojkat = torch.tril(jedynki)
    zakazane = trojkat == 0
    wyniki = wyniki.masked_fill(zakazane, -math.inf)

    # wagi i mieszanie wartości
    wagi = torch.softmax(wyniki, dim=3)
    wyjscie = torch.matmul(wagi, v)
    return wyjscie, wagi


class Uwaga(nn.Module):
    def __init__(self, szerokosc, ile_glow):
        super().__init__()
        self.ile_glow = ile_glow
        self.zapytania = nn.Linear(szerokosc, szerokosc)
        self.klucze = nn.Linear(szerokosc, szerokosc)
        self.wartosci = nn.Linear(szerokosc, szerokosc)
        self.mieszanie = nn.Linear(szerokosc, szerokosc)

    def podziel(self, x):
        porcja, dlugosc, szerokosc = x.shape
        rozmiar_glowy = szerokosc // self.ile_glow
        x = x.view(porcja, dlugosc, self.ile_glow, rozmiar_glowy)
        x = x.transpose(1, 2)
        return x

    def forward(self, x):
        porcja, dlugosc, szerokosc = x.shape
        q = self.podziel(self.zapytania(x))
        k = self.podziel(self.klucze(x))
        v = self.podziel(self.wartosci(x))
        wyjscie, wagi = causal_attention(q, k, v)
        wyjscie = wyjscie.transpose(1, 2)
        wyjscie = wyjscie.reshape(porcja, dlugosc, szerokosc)
        wyjscie = self.mieszanie(wyjscie)
        return wyjscie


class Myslenie(nn.Module):
    def __init__(self, szerokosc):
        super().__init__()
        self.rozszerz = nn.Linear(szerokosc, 4 * szerokosc)
        self.aktywacja = nn.GELU()
        self.zwez = nn.Linear(4 * szerokosc, szerokosc)

    def forward(self, x):
        x = self.rozszerz(x)
        x = self.aktywacja(x)
        x = self.zwez(x)
        return x


class Warstwa(nn.Module):
    def __init__(self, szerokosc, ile_glow):
        super().__init__()
        self.norma_pierwsza = nn.LayerNorm(szerokosc)
        self.uwaga = Uwaga(szerokosc, ile_glow)
        self.norma_druga = nn.LayerNorm(szerokosc)
        self.myslenie = Myslenie(szerokosc)

    def forward(self, x):
        po_normie = self.norma_pierwsza(x)
        dodatek = self.uwaga(po_normie)
        x = x + dodatek
        po_normie = self.norma_druga(x)
        dodatek = self.myslenie(po_normie)
        x = x + dodatek
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head != 0:
            raise ValueError("n_embd musi się dzielić przez n_head")
        self.config = {}
        self.config["vocab_size"] = vocab_size
        self.config["n_embd"] = n_embd
        self.config["n_head"] = n_head
        self.config["n_layer"] = n_layer
        self.config["block_size"] = block_size
        self.znaki = nn.Embedding(vocab_size, n_embd)
        self.miejsca = nn.Embedding(block_size, n_embd)
        self.warstwy = nn.ModuleList()
        for numer in range(n_layer):
            warstwa = Warstwa(n_embd, n_head)
            self.warstwy.append(warstwa)
        self.norma_koncowa = nn.LayerNorm(n_embd)
        self.glowa = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        dlugosc = ids.shape[1]
        if dlugosc > self.config["block_size"]:
            raise ValueError("tekst jest za długi")
        numery = torch.arange(dlugosc)
        x = self.znaki(ids)
        x = x + self.miejsca(numery)
        for warstwa in self.warstwy:
            x = warstwa(x)
        x = self.norma_koncowa(x)
        logity = self.glowa(x)
        return logity
