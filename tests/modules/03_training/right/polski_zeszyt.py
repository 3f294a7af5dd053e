# Styl: polski zeszyt studentki: krok po kroku, zwykłe pętle while i for, dużo zmiennych
import os
from pathlib import Path

import torch
import torch.nn.functional as F

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    ile_okien = len(ids) - block_size
    if ile_okien < 1:
        raise ValueError("za krótki tekst na jedno okno")

    wejscia = []
    odpowiedzi = []
    for _ in range(batch_size):
        # losuję początek okna
        poczatek = torch.randint(ile_okien, (1,), generator=generator).item()
        koniec = poczatek + block_size
        okno = ids[poczatek:koniec]
        # to samo okno, ale o jeden znak dalej
        nastepne = ids[poczatek + 1 : koniec + 1]
        wejscia.append(okno)
        odpowiedzi.append(nastepne)

    x = torch.stack(wejscia)
    y = torch.stack(odpowiedzi)
    return x, y


def policz_strate(model, x, y):
    logity = model(x)
    ile_wierszy, ile_znakow, ile_klas = logity.shape
    plaskie = logity.view(ile_wierszy * ile_znakow, ile_klas)
    cele = y.reshape(ile_wierszy * ile_znakow)
    return F.cross_entropy(plaskie, cele)


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
        raise ValueError("steps musi być co najmniej 1")

    kostka = torch.Generator()
    kostka.manual_seed(seed)
    optymalizator = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    straty = []

    uczyl_sie = model.training
    model.train()

    krok = 0
    while krok < steps:
        krok = krok + 1
        x, y = get_batch(ids, batch_size, block_size, kostka)
        strata = policz_strate(model, x, y)

        # zeruję stare gradienty, liczę nowe, poprawiam wagi
        optymalizator.zero_grad()
        strata.backward()
        optymalizator.step()

        liczba = strata.item()
        if on_step is not None:
            on_step(krok, liczba)
        straty.append(liczba)

    if not uczyl_sie:
        model.eval()
    return straty


def save_checkpoint(path, model, tokenizer):
    sciezka = Path(path)
    tymczasowa = sciezka.with_name(sciezka.name + ".nowy")

    dane = {}
    dane["config"] = model.config
    dane["vocab"] = tokenizer.vocab
    dane["wagi"] = model.state_dict()

    try:
        with open(tymczasowa, "wb") as plik:
            torch.save(dane, plik)
        os.replace(tymczasowa, sciezka)
    finally:
        # po udanej zamianie już go nie ma
        if os.path.exists(tymczasowa):
            os.remove(tymczasowa)


def load_checkpoint(path):
    dane = torch.load(path, map_location="cpu", weights_only=True)
    config = dane["config"]
    vocab = dane["vocab"]

    model = MiniGPT(**config)
    model.load_state_dict(dane["wagi"])
    model.eval()

    znaki = vocab[3:]
    tekst = "".join(znaki)
    tokenizer = CharTokenizer(tekst)
    return model, tokenizer
