# een beginner uit Utrecht: Dutch names, one small step per line, temp variables for everything
import os
from pathlib import Path

import torch
from torch import nn

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    lengte = len(ids)
    nodig = block_size + 1
    if lengte < nodig:
        raise ValueError("de tekst is te kort")

    invoer = torch.zeros(batch_size, block_size, dtype=torch.int64)
    antwoord = torch.zeros(batch_size, block_size, dtype=torch.int64)
    for rij in range(batch_size):
        # hoogste begin: lengte - nodig (doet mee)
        worp = torch.randint(0, lengte - nodig + 1, (1,), generator=generator)
        begin = int(worp.item())
        einde = begin + block_size
        invoer[rij] = ids[begin:einde]
        antwoord[rij] = ids[begin + 1 : einde + 1]
    return invoer, antwoord


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    if steps < 1:
        raise ValueError("minstens een stap")

    dobbelsteen = torch.Generator()
    dobbelsteen.manual_seed(seed)

    verlies_functie = nn.CrossEntropyLoss()
    optimalisator = torch.optim.Adam(model.parameters(), lr=learning_rate)

    oude_stand = model.training
    model.train()

    verliezen = []
    stap = 0
    while stap < steps:
        stap = stap + 1
        invoer, antwoord = get_batch(ids, batch_size, block_size, dobbelsteen)

        # van (B, T, V) naar (B, V, T), want zo wil CrossEntropyLoss het
        scores = model(invoer)
        scores = scores.transpose(1, 2)
        verlies = verlies_functie(scores, antwoord)

        optimalisator.zero_grad()
        verlies.backward()
        optimalisator.step()

        getal = verlies.item()
        verliezen.append(getal)
        if on_step is not None:
            on_step(stap, getal)

    if oude_stand:
        model.train()
    else:
        model.eval()
    return verliezen


def save_checkpoint(path, model, tokenizer):
    pad = Path(path)
    inhoud = {}
    inhoud["config"] = model.config
    inhoud["vocab"] = tokenizer.vocab
    inhoud["gewichten"] = model.state_dict()

    kladje = pad.with_name(pad.name + ".kladje")
    try:
        torch.save(inhoud, kladje)
        os.replace(kladje, pad)
    finally:
        kladje.unlink(missing_ok=True)


def load_checkpoint(path):
    inhoud = torch.load(path, map_location="cpu", weights_only=True)

    config = inhoud["config"]
    model = MiniGPT(**config)
    model.load_state_dict(inhoud["gewichten"])
    model.eval()

    letters = inhoud["vocab"][3:]
    tekst = "".join(letters)
    tokenizer = CharTokenizer(tekst)
    return model, tokenizer
