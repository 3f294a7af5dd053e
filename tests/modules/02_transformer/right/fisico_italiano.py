# Un fisico: energie e fattori di Boltzmann, somme su un asse in piu' invece di matmul, teste con chunk e unbind, norma fatta in casa
from math import inf
import torch
from torch import nn


def causal_attention(q, k, v):
    n_passi = q.size(-2)
    dimensione = q.size(-1)

    # energia di interazione fra il passo i e il passo j: E_ij = - q_i . k_j / sqrt(D)
    prodotti = q.unsqueeze(-2) * k.unsqueeze(-3)
    energia = -prodotti.sum(dim=-1) / dimensione ** 0.5

    # causalita': il futuro (j > i) ha energia infinita
    i = torch.arange(n_passi).view(-1, 1)
    j = torch.arange(n_passi).view(1, -1)
    energia = energia.masked_fill(j > i, inf)

    # distribuzione di Boltzmann con kT = 1
    fondamentale = energia.amin(dim=-1, keepdim=True)
    boltzmann = torch.exp(fondamentale - energia)
    Z = boltzmann.sum(dim=-1, keepdim=True)
    pesi = boltzmann / Z

    # valore medio
    uscita = (pesi.unsqueeze(-1) * v.unsqueeze(-3)).sum(dim=-2)
    return uscita, pesi


class Norma(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.guadagno = nn.Parameter(torch.ones(n))
        self.spostamento = nn.Parameter(torch.zeros(n))

    def forward(self, x):
        media = x.mean(dim=-1, keepdim=True)
        scarto = x - media
        varianza = scarto.square().mean(dim=-1, keepdim=True)
        return self.guadagno * scarto / torch.sqrt(varianza + 1e-5) + self.spostamento


class Strato(nn.Module):
    """Interazione fra i passi, poi evoluzione libera di ciascuno."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_teste = n_head
        self.norma_interazione = Norma(n_embd)
        self.domande = nn.Linear(n_embd, n_embd)
        self.chiavi = nn.Linear(n_embd, n_embd)
        self.valori = nn.Linear(n_embd, n_embd)
        self.miscela = nn.Linear(n_embd, n_embd)
        self.norma_libera = Norma(n_embd)
        self.espandi = nn.Linear(n_embd, n_embd * 4)
        self.comprimi = nn.Linear(n_embd * 4, n_embd)

    def teste(self, x):
        pezzi = x.chunk(self.n_teste, dim=-1)
        return torch.stack(pezzi, dim=1)

    def interazione(self, x):
        q = self.teste(self.domande(x))
        k = self.teste(self.chiavi(x))
        v = self.teste(self.valori(x))
        uscita, pesi = causal_attention(q, k, v)
        insieme = torch.cat(uscita.unbind(dim=1), dim=-1)
        return self.miscela(insieme)

    def libera(self, x):
        x = self.espandi(x)
        x = torch.tanh(x)
        x = self.comprimi(x)
        return x

    def forward(self, x):
        dx = self.interazione(self.norma_interazione(x))
        x = x + dx
        dx = self.libera(self.norma_libera(x))
        x = x + dx
        return x


class MiniGPT(nn.Module):
    def __init__(self, vocab_size=100, n_embd=64, n_head=4, n_layer=2, block_size=512):
        super().__init__()
        if n_embd % n_head > 0:
            raise ValueError("n_embd non e' un multiplo di n_head")
        self.config = {}
        self.config["vocab_size"] = vocab_size
        self.config["n_embd"] = n_embd
        self.config["n_head"] = n_head
        self.config["n_layer"] = n_layer
        self.config["block_size"] = block_size
        self.particelle = nn.Embedding(vocab_size, n_embd)
        self.posizioni = nn.Embedding(block_size, n_embd)
        self.strati = nn.ModuleList()
        for _ in range(n_layer):
            self.strati.append(Strato(n_embd, n_head))
        self.norma = Norma(n_embd)
        self.rivelatore = nn.Linear(n_embd, vocab_size)

    def forward(self, ids):
        n_passi = ids.size(1)
        if n_passi > self.config["block_size"]:
            raise ValueError("sequenza troppo lunga")
        stato = self.particelle(ids)
        stato = stato + self.posizioni.weight[:n_passi]
        for strato in self.strati:
            stato = strato(stato)
        stato = self.norma(stato)
        return self.rivelatore(stato)
