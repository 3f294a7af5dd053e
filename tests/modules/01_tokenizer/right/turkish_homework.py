# Ödev 1 - Karakter tokenizer
# Hazırlayan: Elif, 2. sınıf
#
# Plan:
#   1) metni harf harf oku, her yeni harfe bir sayı ver
#   2) encode: harf -> sayı
#   3) decode: sayı -> harf
#
# Not: hoca "sıralama yok" dedi, yani sorted() KULLANMA!

# Her tokenizer bu tabloyla başlar (sayı -> işaret)
BAŞLANGIÇ_TABLOSU = {
    0: "<pad>",  # boşluk doldurmak için
    1: "<unk>",  # tanımadığımız harf
    2: "<eos>",  # metnin sonu
}
BİLİNMEYEN = 1


class CharTokenizer:
    # text: tokenizer'ın öğreneceği metin, boş da olabilir
    def __init__(self, text):
        # iki sözlük: biri gidiş, biri dönüş
        self.harften_sayıya = {}
        self.sayıdan_harfe = BAŞLANGIÇ_TABLOSU.copy()

        # ilk üç sayı dolu, o yüzden 3'ten başlıyoruz
        sayaç = 3
        for harf in text:
            # bu harfi daha önce gördük mü?
            if harf not in self.harften_sayıya:
                self.harften_sayıya[harf] = sayaç
                self.sayıdan_harfe[sayaç] = harf
                sayaç = sayaç + 1

        # sözlükten listeye: 0, 1, 2, 3, ... sırasıyla
        self.vocab = []
        for sayı in range(sayaç):
            self.vocab.append(self.sayıdan_harfe[sayı])
        self.vocab_size = sayaç

    # harfleri sayılara çevirir
    def encode(self, text):
        sonuç = []
        for harf in text:
            if harf in self.harften_sayıya:
                numara = self.harften_sayıya[harf]
            else:
                # bu harf hiç öğrenilmedi
                numara = BİLİNMEYEN
            sonuç.append(numara)  # PREDICT: what is here for "hello"?
        return sonuç

    # sayıları tekrar metne çevirir
    def decode(self, ids):
        metin = ""
        for numara in ids:
            # eksi sayılar sözlükte zaten yok, ayrıca bakmaya gerek yok
            if numara not in self.sayıdan_harfe:
                raise ValueError("böyle bir sayı yok: " + str(numara))
            # sona ekle, arada boşluk olmasın
            metin += self.sayıdan_harfe[numara]
        return metin
