# Harf harf çalışan bir tokenizer. Sadece listeler ve döngüler kullanıyorum.


class CharTokenizer:

    def __init__(self, text):
        # yazı değilse kabul etmiyorum
        if not isinstance(text, str):
            raise TypeError("text bir yazı olmalı")
        # boş bir liste ile başlıyorum
        self.vocab = []
        # önce üç özel parça geliyor
        self.vocab.append("<pad>")
        self.vocab.append("<unk>")
        self.vocab.append("<eos>")
        # sonra yazının harflerine tek tek bakıyorum
        for harf in text:
            # bu harfi daha önce görmediysem listeye ekliyorum
            if harf not in self.vocab:
                self.vocab.append(harf)
        # listede kaç parça olduğunu sayıyorum
        self.vocab_size = len(self.vocab)

    def encode(self, text):
        # yazı değilse kabul etmiyorum
        if not isinstance(text, str):
            raise TypeError("text bir yazı olmalı")
        # sonuçları bu listede topluyorum
        sonuc = []
        # her harf için bir numara arıyorum
        for harf in text:
            # bulamazsam numara 1 olacak, yani <unk>
            bulunan = 1
            # listenin başından sonuna kadar gidiyorum
            for numara in range(len(self.vocab)):
                # bu sıradaki parça benim harfim mi?
                if self.vocab[numara] == harf:
                    bulunan = numara
            # numarayı sonuca ekliyorum
            sonuc.append(bulunan)  # PREDICT: what is here for "hello"?
        # bütün numaraları geri veriyorum
        return sonuc

    def decode(self, ids):
        # numaralara iki kere bakacağım, onun için liste yapıyorum
        ids = list(ids)
        # önce kontrol: bütün numaralar var mı?
        for numara in ids:
            # eksi numara yok
            if numara < 0:
                raise ValueError("eksi numara olmaz: " + str(numara))
            # çok büyük numara da yok
            if numara >= len(self.vocab):
                raise ValueError("böyle bir numara yok: " + str(numara))
        # boş bir yazı ile başlıyorum
        yazi = ""
        # parçaları sırayla yazının sonuna ekliyorum
        for numara in ids:
            yazi = yazi + self.vocab[numara]
        # yazıyı geri veriyorum
        return yazi
