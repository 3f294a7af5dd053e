# Translated from a Spanish course: Spanish names, one alphabet string that is searched with find.
ESPECIALES = ["<pad>", "<unk>", "<eos>"]
DESCONOCIDO = ESPECIALES.index("<unk>")


class CharTokenizer:
    """Convierte texto en numeros y numeros en texto."""

    def __init__(self, text):
        self.alfabeto = ""
        for letra in text:
            if letra not in self.alfabeto:
                self.alfabeto += letra

    @property
    def vocab(self):
        return ESPECIALES + list(self.alfabeto)

    @property
    def vocab_size(self):
        return len(ESPECIALES) + len(self.alfabeto)

    def buscar_numero(self, letra):
        lugar = self.alfabeto.find(letra)
        if lugar == -1:
            return DESCONOCIDO
        return lugar + len(ESPECIALES)

    def buscar_letra(self, numero):
        if numero in range(len(ESPECIALES)):
            return ESPECIALES[numero]
        lugar = numero - len(ESPECIALES)
        if lugar not in range(len(self.alfabeto)):
            raise ValueError("numero sin letra: " + str(numero))
        return self.alfabeto[lugar]

    def encode(self, text):
        numeros = []
        for letra in text:
            numeros.append(self.buscar_numero(letra))
        return numeros

    def decode(self, ids):
        trozos = []
        for numero in ids:
            trozos.append(self.buscar_letra(numero))
        return "".join(trozos)
