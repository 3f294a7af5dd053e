# studentka pierwszego roku: polskie nazwy, małe kroki, każdy wynik w zmiennej
import math

import torch


def wybierz(wynik, temperatura, ile_najlepszych, los):
    # wynik ma kształt (V,), czyli jedna liczba dla każdego znaku
    if temperatura == 0:
        najlepszy = torch.argmax(wynik)
        return najlepszy.item()
    liczba_znakow = wynik.shape[0]
    wynik = wynik / temperatura
    if ile_najlepszych is not None:
        ile = min(ile_najlepszych, liczba_znakow)
        posortowane = torch.sort(wynik, descending=True).values
        prog = posortowane[ile - 1]
        minus_nieskonczonosc = torch.full_like(wynik, float("-inf"))
        wynik = torch.where(wynik < prog, minus_nieskonczonosc, wynik)
    szanse = torch.softmax(wynik, dim=0)
    numer = torch.multinomial(szanse, 1, generator=los)
    return numer.item()


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # najpierw sprawdzamy argumenty
    if math.isnan(temperature):
        raise ValueError("temperature: to nie jest liczba")
    if temperature < 0:
        raise ValueError("temperature: nie może być ujemna")
    if top_k is not None:
        if top_k < 1:
            raise ValueError("top_k: co najmniej 1")

    # zapamiętujemy tryb modelu
    tryb = model.training
    model.eval()
    okno = model.config["block_size"]
    lista = ids[0].tolist()

    with torch.no_grad():
        krok = 0
        while krok < max_new_tokens:
            ostatnie = lista[-okno:]
            wejscie = torch.tensor([ostatnie])
            wyjscie = model(wejscie)
            ostatni_wynik = wyjscie[0, -1]
            nowy = wybierz(ostatni_wynik, temperature, top_k, generator)
            lista.append(nowy)
            krok = krok + 1

    model.train(tryb)
    odpowiedz = torch.tensor([lista])
    return odpowiedz


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    kody = tokenizer.encode(prompt)
    tekst = tokenizer.decode(kody)
    slowa_na_poczatku = len(tekst.split())
    najwiecej_znakow = 30 * n_words
    znaki = 0
    while znaki < najwiecej_znakow:
        # jeden znak więcej
        pytanie = torch.tensor([kody])
        odpowiedz = generate(model, pytanie, 1, temperature, None, generator)
        kody = odpowiedz[0].tolist()
        tekst = tokenizer.decode(kody)
        znaki = znaki + 1
        # czy już wystarczy?
        nowe_slowa = len(tekst.split()) - slowa_na_poczatku
        koniec_slowa = tekst.endswith(" ")
        if koniec_slowa and nowe_slowa >= n_words:
            break
    return tekst
