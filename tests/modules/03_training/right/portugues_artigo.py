"""Treino do modelo, escrito como no artigo.

Notação: B janelas, T posições, V símbolos.

    L = -(1 / BT) * soma_{b,t} log p(y_bt | x_b1 ... x_bt)
    log p(y | x) = z_y - m - log soma_v exp(z_v - m),    m = max_v z_v
"""

import contextlib
import os
from pathlib import Path

import torch

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def get_batch(ids, batch_size, block_size, generator):
    texto = torch.as_tensor(ids)
    if texto.numel() < block_size + 1:
        raise ValueError("texto curto demais para uma janela de %d" % block_size)
    # cada linha desta vista é uma janela com a resposta da sua última posição: (N, T + 1)
    janelas = texto.unfold(0, block_size + 1, 1)
    # sorteio de B janelas
    sorteio = torch.randint(janelas.shape[0], (batch_size,), generator=generator)
    escolhidas = janelas[sorteio].long()
    x = escolhidas.narrow(1, 0, block_size)
    y = escolhidas.narrow(1, 1, block_size)  # PREDICT: which ids are in y, if x is [5, 6, 7]?
    return x, y


def _log_verossimilhanca(z, y):
    # z: (B, T, V), y: (B, T)
    m = z.detach().amax(dim=-1, keepdim=True)
    log_Z = m.squeeze(-1) + (z - m).exp().sum(dim=-1).log()
    z_y = z.gather(-1, y.unsqueeze(-1)).squeeze(-1)
    return z_y - log_Z


@contextlib.contextmanager
def _modo_de_treino(modelo):
    anterior = modelo.training
    modelo.train(True)
    try:
        yield modelo
    finally:
        modelo.train(anterior)


def train(model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None):
    if not steps >= 1:
        raise ValueError("steps deve ser pelo menos 1")
    acaso = torch.Generator()
    acaso.manual_seed(seed)
    otimizador = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    perdas = [0.0] * steps
    with _modo_de_treino(model):
        for passo in range(steps):
            x, y = get_batch(ids, batch_size, block_size, acaso)
            L = -_log_verossimilhanca(model(x), y).mean()
            # o gradiente de L
            otimizador.zero_grad()
            L.backward()
            # theta <- theta - passo do AdamW
            otimizador.step()
            perdas[passo] = L.item()
            if on_step is not None:
                on_step(passo + 1, perdas[passo])
    return perdas


def save_checkpoint(path, model, tokenizer):
    destino = Path(path)
    provisorio = destino.parent / (destino.name + ".parcial")
    conteudo = {
        "configuracao": model.config,
        "vocabulario": tokenizer.vocab,
        "pesos": model.state_dict(),
    }
    with contextlib.ExitStack() as limpeza:
        # no fim, com ou sem erro, nada de provisório fica na pasta
        limpeza.callback(provisorio.unlink, missing_ok=True)
        with provisorio.open("wb") as arquivo:
            torch.save(conteudo, arquivo)
        os.replace(provisorio, destino)


def load_checkpoint(path):
    conteudo = torch.load(path, map_location="cpu", weights_only=True)
    simbolos = conteudo["vocabulario"][3:]
    tokenizador = CharTokenizer("".join(simbolos))
    modelo = MiniGPT(**conteudo["configuracao"])
    modelo.load_state_dict(conteudo["pesos"])
    modelo.eval()
    return modelo, tokenizador
