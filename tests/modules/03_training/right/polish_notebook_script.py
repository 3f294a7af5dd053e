# Laboratorium 5: uczenie modelu GPT
# (zeszyt wyeksportowany do .py, autor: student II roku)

# %% importy
import os
import torch
from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


# %% losowanie kawałków tekstu
def get_batch(ids, batch_size, block_size, generator):
    ile = len(ids)
    # za krótki tekst -> błąd
    if ile <= block_size:
        raise ValueError("za krótki tekst: potrzeba co najmniej " + str(block_size + 1) + " znaków")
    # losujemy początki; górna granica w randint jest wyłączona!
    starty = torch.randint(0, ile - block_size, (batch_size,), generator=generator)
    # tabelka numerów: wiersz = okno, kolumna = miejsce w oknie
    numery = starty[:, None] + torch.arange(block_size)[None, :]
    x = ids[numery]
    y = ids[numery + 1]  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return x, y


# %% funkcja straty (wzór z wykładu: minus średni logarytm prawdopodobieństwa)
def strata(logity, odpowiedzi):
    log_p = torch.log_softmax(logity, dim=-1)
    wybrane = log_p.gather(-1, odpowiedzi[:, :, None])
    return -wybrane.mean()


# %% jeden krok uczenia
def jeden_krok(model, optymalizator, x, y):
    blad = strata(model(x), y)
    optymalizator.zero_grad()
    blad.backward()
    optymalizator.step()
    return float(blad)


# %% pętla uczenia
def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if steps < 1:
        raise ValueError("liczba kroków musi być co najmniej 1")
    los = torch.Generator()
    los.manual_seed(seed)
    optymalizator = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    straty = []
    bylo_uczenie = model.training  # zapamiętać, bo trzeba potem oddać w tym samym stanie
    model.train()
    try:
        krok = 1
        while krok <= steps:
            x, y = get_batch(ids, batch_size, block_size, los)
            wartosc = jeden_krok(model, optymalizator, x, y)
            straty.append(wartosc)
            if on_step is not None:
                on_step(krok, wartosc)
            krok += 1
    finally:
        model.train(bylo_uczenie)
    return straty


# %% zapis na dysk
def save_checkpoint(path, model, tokenizer):
    cel = str(path)
    tymczasowy = cel + ".czesc"
    paczka = {}
    paczka["ustawienia"] = model.config
    paczka["slownik"] = tokenizer.vocab
    paczka["wagi"] = model.state_dict()
    try:
        torch.save(paczka, tymczasowy)
        os.replace(tymczasowy, cel)
    except:
        # sprzątamy po sobie i oddajemy błąd dalej
        if os.path.exists(tymczasowy):
            os.remove(tymczasowy)
        raise


# %% odczyt z dysku
def load_checkpoint(path):
    paczka = torch.load(path, map_location="cpu", weights_only=True)
    # pierwsze trzy pozycje słownika to znaki specjalne
    znaki = "".join(paczka["slownik"][3:])
    tokenizer = CharTokenizer(znaki)
    model = MiniGPT(**paczka["ustawienia"])
    model.load_state_dict(paczka["wagi"])
    model.eval()
    return model, tokenizer
