# Style: Italian names, no classes, one tiny function for each thought, the loss by hand.
from pathlib import Path

import torch

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


def scegli_inizi(testo, quanti, lunghezza, generatore):
    ultimo_inizio = len(testo) - lunghezza - 1
    if ultimo_inizio < 0:
        raise ValueError("il testo è troppo corto per una finestra")
    return torch.randint(0, ultimo_inizio + 1, (quanti, 1), generator=generatore)


def get_batch(ids, batch_size, block_size, generator):
    testo = torch.as_tensor(ids)
    inizi = scegli_inizi(testo, batch_size, block_size, generator)
    posti = inizi + torch.arange(block_size)
    domande = testo[posti]
    risposte = testo[posti + 1]
    return domande, risposte


def sorpresa(punteggi, risposte):
    logaritmi = punteggi.log_softmax(dim=-1)
    giuste = logaritmi.gather(-1, risposte.unsqueeze(-1))
    return -giuste.mean()


def un_passo(modello, ottimizzatore, domande, risposte):
    ottimizzatore.zero_grad()
    errore = sorpresa(modello(domande), risposte)
    errore.backward()
    ottimizzatore.step()
    return errore.item()


def nessuno_ascolta(passo, errore):
    pass


def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    if steps < 1:
        raise ValueError("serve almeno un passo")
    racconta = on_step or nessuno_ascolta
    dado = torch.Generator().manual_seed(seed)
    ottimizzatore = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    modo_di_prima = model.training
    errori = []
    model.train()
    try:
        for passo in range(1, steps + 1):
            domande, risposte = get_batch(ids, batch_size, block_size, dado)
            errori.append(un_passo(model, ottimizzatore, domande, risposte))
            racconta(passo, errori[-1])
    finally:
        model.train(modo_di_prima)
    return errori


def save_checkpoint(path, model, tokenizer):
    arrivo = Path(path)
    bozza = arrivo.with_name(arrivo.name + ".bozza")
    valigia = {"config": model.config, "vocab": tokenizer.vocab, "pesi": model.state_dict()}
    try:
        torch.save(valigia, bozza)
        bozza.replace(arrivo)
    except BaseException:
        bozza.unlink(missing_ok=True)
        raise


def load_checkpoint(path):
    valigia = torch.load(path, map_location="cpu", weights_only=True)
    modello = MiniGPT(**valigia["config"])
    modello.load_state_dict(valigia["pesi"])
    lettere = "".join(valigia["vocab"][3:])
    return modello.eval(), CharTokenizer(lettere)
