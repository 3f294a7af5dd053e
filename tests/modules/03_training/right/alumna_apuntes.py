# style: a Spanish student's notes: one small step per line, each result in a variable of its own
import os

import torch
import torch.nn as nn

from mini_gpt.tokenizer import CharTokenizer
from mini_gpt.transformer import MiniGPT


# saco trozos del texto al azar
def get_batch(ids, batch_size, block_size, generator):
    total = len(ids)
    ultimo_inicio = total - block_size - 1
    if ultimo_inicio < 0:
        raise ValueError("el texto es demasiado corto para una ventana")
    entradas = []
    respuestas = []
    for fila in range(batch_size):
        sorteo = torch.randint(0, ultimo_inicio + 1, (1,), generator=generator)
        inicio = sorteo.item()
        fin = inicio + block_size
        ventana = ids[inicio:fin]
        siguiente = ids[inicio + 1 : fin + 1]
        entradas.append(ventana)
        respuestas.append(siguiente)
    x = torch.stack(entradas)
    y = torch.stack(respuestas)
    return x, y


# aprender: adivinar, medir, corregir
def train(
    model, ids, *, steps=100, batch_size=32, block_size=64, learning_rate=6e-3, seed=0, on_step=None
):
    if steps < 1:
        raise ValueError("hace falta un paso por lo menos")
    azar = torch.Generator()
    azar.manual_seed(seed)
    optimizador = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    medir = nn.CrossEntropyLoss()
    estaba_entrenando = model.training
    model.train()
    perdidas = []
    paso = 0
    while paso < steps:
        # 1. adivinar
        x, y = get_batch(ids, batch_size, block_size, azar)
        logits = model(x)
        # 2. medir
        posiciones = logits.shape[0] * logits.shape[1]
        clases = logits.shape[2]
        logits_planos = logits.reshape(posiciones, clases)
        y_plana = y.reshape(posiciones)
        perdida = medir(logits_planos, y_plana)
        # 3. corregir
        optimizador.zero_grad()
        perdida.backward()
        optimizador.step()
        # 4. apuntar
        paso = paso + 1
        valor = perdida.item()
        perdidas.append(valor)
        if on_step is not None:
            on_step(paso, valor)
    if not estaba_entrenando:
        model.eval()
    return perdidas


# guardar: primero en un archivo provisional
def save_checkpoint(path, model, tokenizer):
    destino = str(path)
    provisional = destino + ".nuevo"
    datos = {}
    datos["config"] = model.config
    datos["vocabulario"] = tokenizer.vocab
    datos["pesos"] = model.state_dict()
    try:
        torch.save(datos, provisional)
        os.replace(provisional, destino)
    finally:
        if os.path.exists(provisional):
            os.remove(provisional)


# cargar: lo mismo al revés
def load_checkpoint(path):
    datos = torch.load(path, map_location="cpu", weights_only=True)
    configuracion = datos["config"]
    pesos = datos["pesos"]
    vocabulario = datos["vocabulario"]
    modelo = MiniGPT(**configuracion)
    modelo.load_state_dict(pesos)
    modelo.eval()
    letras = vocabulario[3:]
    texto = "".join(letras)
    tokenizador = CharTokenizer(texto)
    return modelo, tokenizador
