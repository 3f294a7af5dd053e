"""Muestreador: funciones pequeñas, sin estado, compuestas unas con otras."""

from contextlib import contextmanager
from functools import partial, reduce
from itertools import islice

import torch

LETRAS_POR_PALABRA = 30


def exigir(condicion, mensaje):
    if not condicion:
        raise ValueError(mensaje)


@contextmanager
def en_reposo(modelo):
    """Modo eval y sin gradientes; al salir, cada módulo recupera su modo."""
    modos = [(m, m.training) for m in modelo.modules()]
    modelo.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for m, entrenando in modos:
            m.training = entrenando


def templar(temperatura, puntajes):
    return puntajes / temperatura


def podar(k, puntajes):
    """Deja los k mejores; los demás pasan a menos infinito."""
    if k is None or k >= puntajes.shape[-1]:
        return puntajes
    valores, lugares = puntajes.topk(k, dim=-1)
    return torch.full_like(puntajes, float("-inf")).scatter(-1, lugares, valores)


def normalizar(puntajes):
    return puntajes.softmax(dim=-1)


def sortear(generador, probabilidades):
    return torch.multinomial(probabilidades, 1, generator=generador)


def el_mejor(puntajes):
    return puntajes.argmax(dim=-1, keepdim=True)


def componer(*funciones):
    """componer(f, g, h)(x) == h(g(f(x)))"""
    return lambda x: reduce(lambda valor, f: f(valor), funciones, x)


def eleccion(temperatura, k, generador):
    """La función que convierte puntajes (1, V) en un id (1, 1)."""
    if temperatura == 0:
        return el_mejor
    return componer(
        partial(templar, temperatura),
        partial(podar, k),
        normalizar,
        partial(sortear, generador),
    )


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # Rechazar lo que no tiene sentido.
    exigir(ids.shape[1] > 0, "hace falta al menos un id")
    exigir(temperature >= 0, "temperature debe ser 0 o mayor")
    exigir(top_k is None or top_k >= 1, "top_k debe ser 1 o mayor")

    vista = model.config["block_size"]
    elegir = eleccion(temperature, top_k, generator)

    def paso(texto, _):
        # Mirar el final del texto, elegir un id, ponerlo detrás.
        puntajes = model(texto[:, -vista:])[:, -1]  # PREDICT: what shape is this for a prompt of 5 ids?
        return torch.cat([texto, elegir(puntajes)], dim=1)

    with en_reposo(model):
        return reduce(paso, range(max_new_tokens), ids.clone())


def letras(model, ids, temperature, generator):
    """Los ids nuevos, uno por uno, sin fin."""
    while True:
        ids = generate(model, ids, 1, temperature=temperature, generator=generator)
        yield ids[0, -1].item()


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # El comienzo, tal como lo ve el tokenizer.
    ids = tokenizer.encode(prompt)
    comienzo = tokenizer.decode(ids)
    meta = len(comienzo.split()) + n_words

    def completo(texto):
        return texto[-1:].isspace() and len(texto.split()) >= meta

    # Añadir letras hasta que las palabras estén completas.
    nuevos = []
    flujo = letras(model, torch.tensor([ids], dtype=torch.int64), temperature, generator)
    for letra in islice(flujo, LETRAS_POR_PALABRA * n_words):
        nuevos.append(letra)
        texto = comienzo + tokenizer.decode(nuevos)
        if completo(texto):
            # El espacio final sobra.
            return comienzo + tokenizer.decode(nuevos[:-1])
    return comienzo + tokenizer.decode(nuevos)
