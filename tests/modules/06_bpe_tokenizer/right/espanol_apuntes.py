# Style: a student with Spanish names, and the steps numbered in comments.
import json
import re
from collections import Counter

PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
ESPECIALES = [b"<pad>", b"<unk>", b"<eos>"]


def comprobar_texto(texto):
    if not isinstance(texto, str):
        raise TypeError("el texto debe ser str")


def unir(palabra, par, nuevo):
    salida = list(palabra)
    lugar = len(salida) - 1
    # desde la izquierda: primero se buscan los lugares, luego se cambian
    lugares = []
    i = 0
    while i < len(salida) - 1:
        if (salida[i], salida[i + 1]) == par:
            lugares.append(i)
            i += 2
        else:
            i += 1
    for lugar in reversed(lugares):
        salida[lugar : lugar + 2] = [nuevo]
    return salida


class BPETokenizer:
    def __init__(self, merges=()):
        self.merges = [(a, b) for a, b in merges]
        # 1. los tokens especiales, 2. los bytes, 3. las uniones
        self.vocab = ESPECIALES.copy()
        for valor in range(256):
            self.vocab.append(bytes([valor]))
        for izquierda, derecha in self.merges:
            self.vocab.append(self.vocab[izquierda] + self.vocab[derecha])
        self.vocab_size = len(self.vocab)

    @classmethod
    def train(cls, texto, vocab_size):
        comprobar_texto(texto)
        if vocab_size < 259:
            raise ValueError("vocab_size debe ser 259 como mínimo")
        # 1. palabras y cuántas veces aparecen
        veces = Counter(PIECES.findall(texto))
        palabras = {p: [x + 3 for x in p.encode("utf-8")] for p in veces}
        uniones = []
        # 2. repetir
        for nuevo in range(259, vocab_size):
            cuenta = Counter()
            for p, ids in palabras.items():
                for par in zip(ids, ids[1:]):
                    cuenta[par] += veces[p]
            if len(cuenta) == 0:
                break
            # 3. el par más frecuente; si hay empate, el menor
            ordenados = sorted(cuenta, key=lambda par: par)
            mejor = max(ordenados, key=lambda par: cuenta[par])
            for p in palabras:
                palabras[p] = unir(palabras[p], mejor, nuevo)
            uniones.append(mejor)
        return cls(uniones)

    def encode(self, texto):
        comprobar_texto(texto)
        resultado = []
        for palabra in PIECES.findall(texto):
            ids = [x + 3 for x in palabra.encode("utf-8")]
            for numero, par in enumerate(self.merges):
                if len(ids) < 2:
                    break
                ids = unir(ids, par, 259 + numero)
            resultado += ids
        return resultado

    def decode(self, ids):
        trozos = b""
        for numero in ids:
            if numero < 0 or numero >= self.vocab_size:
                raise ValueError(f"el id {numero} no existe")
            trozos += self.vocab[numero]
        return trozos.decode("utf-8", errors="replace")

    def save(self, ruta):
        with open(ruta, "w", encoding="utf-8") as archivo:
            json.dump({"merges": [list(par) for par in self.merges]}, archivo)

    @classmethod
    def load(cls, ruta):
        with open(ruta, "r", encoding="utf-8") as archivo:
            try:
                datos = json.load(archivo)
            except Exception:
                raise ValueError("el archivo no es JSON")
        if not isinstance(datos, dict) or "merges" not in datos:
            raise ValueError("faltan las uniones")
        lista = datos["merges"]
        if not isinstance(lista, list):
            raise ValueError("las uniones no son una lista")
        for i, par in enumerate(lista):
            if not isinstance(par, list) or len(par) != 2:
                raise ValueError("una unión no es un par")
            if any(type(x) is not int or x < 0 or x >= 259 + i for x in par):
                raise ValueError("un id todavía no existe")
        return cls(lista)
