# Practica 3: entrenar el modelo

import os

import torch
from torch.nn.functional import cross_entropy

VERSION = 1


def get_batch(ids, batch_size, block_size, generator):
    # cuantos ids hay y cuantos hacen falta
    cuantos = len(ids)
    necesarios = block_size + 1
    if cuantos < necesarios:
        raise ValueError("hacen falta " + str(necesarios) + " ids, y hay " + str(cuantos))

    # sortear donde empieza cada ventana
    ultimo_inicio = cuantos - block_size - 1
    inicios = torch.randint(0, ultimo_inicio + 1, (batch_size,), generator=generator)

    # cortar las ventanas, una por una
    lista_x = []
    lista_y = []
    for i in range(batch_size):
        inicio = int(inicios[i])
        fin = inicio + block_size
        trozo_x = ids[inicio:fin]
        trozo_y = ids[inicio + 1 : fin + 1]
        fila_x = torch.asarray(trozo_x, dtype=torch.int64, copy=True)
        fila_y = torch.asarray(trozo_y, dtype=torch.int64, copy=True)
        lista_x.append(fila_x)
        lista_y.append(fila_y)

    # juntar las filas
    x = torch.stack(lista_x)
    y = torch.stack(lista_y)
    return x, y


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
        raise ValueError("steps tiene que ser 1 o mas, y es " + str(steps))

    # el azar
    generador = torch.Generator()
    generador.manual_seed(seed)

    # el optimizador
    parametros = list(model.parameters())
    dispositivo = parametros[0].device
    optimizador = torch.optim.AdamW(parametros, lr=learning_rate)

    # la lista de los errores
    losses = []

    # guardar el modo de antes
    modo_de_antes = model.training
    model.train()

    try:
        for paso in range(1, steps + 1):
            # 1. sacar un lote
            x, y = get_batch(ids, batch_size, block_size, generador)
            x = x.to(dispositivo)
            y = y.to(dispositivo)

            # 2. adivinar
            logits = model(x)
            vocab_size = logits.shape[2]
            logits_planos = logits.reshape(-1, vocab_size)
            y_plano = y.reshape(-1)

            # 3. comparar
            loss = cross_entropy(logits_planos, y_plano)

            # 4. aprender
            optimizador.zero_grad()
            loss.backward()
            optimizador.step()

            # 5. apuntar
            numero = loss.item()
            losses.append(numero)
            if on_step is not None:
                on_step(paso, numero)
    finally:
        # volver al modo de antes
        model.train(modo_de_antes)

    return losses


def save_checkpoint(path, model, tokenizer):
    # lo que se guarda
    datos = {}
    datos["version"] = VERSION
    datos["config"] = model.config
    datos["vocab"] = tokenizer.vocab
    datos["pesos"] = model.state_dict()

    # primero en un archivo temporal en la misma carpeta
    ruta = str(path)
    ruta_temporal = ruta + ".tmp"
    try:
        archivo = open(ruta_temporal, "wb")
        try:
            torch.save(datos, archivo)
        finally:
            archivo.close()
        # y despues en su sitio
        os.replace(ruta_temporal, ruta)
    finally:
        # no dejar nada por ahi
        if os.path.exists(ruta_temporal):
            os.remove(ruta_temporal)


def load_checkpoint(path):
    from mini_gpt.tokenizer import CharTokenizer
    from mini_gpt.transformer import MiniGPT

    # leer el archivo
    with open(path, "rb") as archivo:
        try:
            datos = torch.load(archivo, map_location="cpu", weights_only=True)
        except Exception as problema:
            raise ValueError("no se puede leer " + str(path) + ": hay que entrenar otra vez") from problema

    # mirar si es de esta version
    if not isinstance(datos, dict):
        raise ValueError(str(path) + " no es un checkpoint")
    if datos.get("version") != VERSION:
        raise ValueError(str(path) + " es de otra version")

    # volver a construir el modelo y el tokenizer
    try:
        config = datos["config"]
        vocab = datos["vocab"]
        pesos = datos["pesos"]
        model = MiniGPT(**config)
        model.load_state_dict(pesos)
        letras = vocab[3:]
        texto = "".join(letras)
        tokenizer = CharTokenizer(texto)
    except (KeyError, TypeError, RuntimeError) as problema:
        raise ValueError(str(path) + " no cabe en este modelo") from problema

    model.eval()
    return model, tokenizer
