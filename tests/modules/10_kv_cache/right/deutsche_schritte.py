"""Der Zwischenspeicher: Schlüssel und Werte werden je Schicht aufgehoben, Wort für Wort."""
import math

import torch


class Schicht:
    def __init__(self):
        self.schluessel = None
        self.werte = None

    def merke(self, neue_schluessel, neue_werte, bisher):
        # was schon da ist, bleibt vorne; das Neue kommt dahinter
        if bisher == 0:
            self.schluessel, self.werte = neue_schluessel, neue_werte
        else:
            self.schluessel = torch.cat([self.schluessel[:, :, :bisher], neue_schluessel], dim=2)
            self.werte = torch.cat([self.werte[:, :, :bisher], neue_werte], dim=2)


class KVCache:
    def __init__(self, model):
        self.schichten = [Schicht() for _ in range(model.config["n_layer"])]
        self.length = 0


def teile_koepfe(x, anzahl):
    B, t, C = x.shape
    return x.reshape(B, t, anzahl, C // anzahl).transpose(1, 2)


def schaue_zurueck(attention, x, schicht, bisher, anzahl):
    frage, schluessel, werte = attention.qkv(x).chunk(3, dim=-1)
    frage = teile_koepfe(frage, anzahl)
    schicht.merke(teile_koepfe(schluessel, anzahl), teile_koepfe(werte, anzahl), bisher)
    ergebnisse = []
    for i in range(x.shape[1]):
        # das i-te neue Zeichen sieht alles bis zu sich selbst
        bis = bisher + i + 1
        K, V = schicht.schluessel[:, :, :bis], schicht.werte[:, :, :bis]
        punkte = torch.matmul(frage[:, :, i : i + 1], K.transpose(2, 3))
        gewichte = torch.softmax(punkte / math.sqrt(K.shape[-1]), dim=-1)
        ergebnisse.append(torch.matmul(gewichte, V))
    gemischt = torch.cat(ergebnisse, dim=2)
    return attention.output(gemischt.transpose(1, 2).flatten(start_dim=2))


def forward_with_cache(model, ids, cache):
    bisher = cache.length
    gesamt = bisher + ids.shape[1]
    if gesamt > model.config["block_size"]:
        raise ValueError(f"Der Text ist zu lang: {gesamt} Zeichen")
    with torch.no_grad():
        orte = torch.arange(gesamt, device=ids.device)[bisher:]
        x = model.token_embedding(ids) + model.position_embedding(orte)
        for block, schicht in zip(model.blocks, cache.schichten):
            x = x + schaue_zurueck(block.attention, block.norm_1(x), schicht, bisher, model.config["n_head"])
            x = x + block.mlp(block.norm_2(x))
        punkte = model.head(model.norm(x))
    cache.length = gesamt
    return punkte


class Gedaechtnis(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model
        self.config = model.config
        self.cache = KVCache(model)
        self.train(model.training)

    def forward(self, ids):
        if ids.shape[1] <= self.cache.length:
            return self.model(ids)
        return forward_with_cache(self.model, ids[:, self.cache.length :], self.cache)


def generate_cached(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    from mini_gpt.sampler import generate

    vorher = model.training
    try:
        return generate(Gedaechtnis(model), ids, max_new_tokens, temperature, top_k, generator)
    finally:
        model.train(vorher)
