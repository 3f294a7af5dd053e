# Modelin devam ettirdiği yazı. Her şeyi listelerle ve döngülerle yapıyorum.

import math

import torch


# en büyük puanın sırasını bulur
def en_iyi_sira(puanlar):
    # şimdilik en iyisi ilk puan
    sira = 0
    en_buyuk = puanlar[0]
    # bütün puanlara tek tek bakıyorum
    for i in range(len(puanlar)):
        # daha büyük bir puan bulursam onu aklımda tutuyorum
        if puanlar[i] > en_buyuk:
            en_buyuk = puanlar[i]
            sira = i
    # en iyinin sırasını geri veriyorum
    return sira


# puanlardan olasılıkları hesaplar (softmax)
def olasiliklar_yap(puanlar, sicaklik, kac_tane):
    # kaç puan olduğunu sayıyorum
    adet = len(puanlar)
    # kac_tane verilmediyse ya da çok büyükse hepsini alıyorum
    if kac_tane is None or kac_tane > adet:
        kac_tane = adet
    # puanların bir kopyasını büyükten küçüğe sıralıyorum
    sirali = list(puanlar)
    sirali.sort(reverse=True)
    # sınır: hâlâ kalabilen en küçük puan
    sinir = sirali[kac_tane - 1]
    # en büyük puan
    en_buyuk = sirali[0]
    # üslü sayıları bu listede topluyorum
    ustler = []
    for puan in puanlar:
        # sınırın altında kalan puanın hiç şansı yok
        if puan < sinir:
            ustler.append(0.0)
        # diğerlerini sıcaklığa bölüp üssünü alıyorum (en büyüğü çıkarıyorum ki sayı taşmasın)
        else:
            ustler.append(math.exp((puan - en_buyuk) / sicaklik))
    # hepsini topluyorum
    toplam = 0.0
    for ust in ustler:
        toplam = toplam + ust
    # her birini toplama bölüyorum, böylece hepsi beraber 1 ediyor
    olasiliklar = []
    for ust in ustler:
        olasiliklar.append(ust / toplam)
    return olasiliklar


def generate(model, ids, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    # sayı olmayan sıcaklığı (NaN) kabul etmiyorum
    if math.isnan(temperature):
        raise ValueError("sıcaklık bir sayı olmalı")
    # eksi sıcaklığı da kabul etmiyorum
    if temperature < 0:
        raise ValueError("sıcaklık eksi olamaz")
    # top_k verildiyse en az 1 olmalı
    if top_k is not None:
        if top_k < 1:
            raise ValueError("top_k en az 1 olmalı")
    # tensörü listeye çeviriyorum
    hepsi = ids[0].tolist()
    # boş yazıya devam edilemez
    if len(hepsi) == 0:
        raise ValueError("en az bir numara lazım")
    # model en fazla bu kadar numaraya bakabilir
    en_uzun = model.config["block_size"]
    # modelin şimdiki durumunu aklımda tutuyorum
    eski_durum = model.training
    # modeli kullanma durumuna alıyorum
    model.eval()
    try:
        # türev lazım değil
        with torch.no_grad():
            # her turda bir numara ekliyorum
            for tur in range(max_new_tokens):
                # baştan kaç numarayı göstermeyeceğim?
                baslangic = len(hepsi) - en_uzun
                # yazı kısaysa hepsini gösteriyorum
                if baslangic < 0:
                    baslangic = 0
                # son numaraları alıyorum
                gosterilen = hepsi[baslangic:]
                # modele soruyorum
                cevap = model(torch.tensor([gosterilen], device=ids.device))  # PREDICT: what shape is this for a prompt of 5 ids?
                # sadece son yerin puanları lazım
                puanlar = cevap[0][-1].tolist()
                # sıcaklık sıfırsa en iyisini alıyorum
                if temperature == 0:
                    yeni = en_iyi_sira(puanlar)
                # değilse olasılıklara göre bir tane çekiyorum
                else:
                    olasiliklar = olasiliklar_yap(puanlar, temperature, top_k)
                    yeni = torch.multinomial(torch.tensor(olasiliklar), 1, generator=generator).item()
                # yeni numarayı listenin sonuna ekliyorum
                hepsi.append(yeni)
    finally:
        # modeli eski durumuna geri koyuyorum
        model.train(eski_durum)
    # listeyi yine tensöre çeviriyorum
    return torch.tensor([hepsi], dtype=torch.int64, device=ids.device)


def generate_words(model, tokenizer, prompt, n_words=10, temperature=0.8, generator=None):
    # başlangıcı numaralara çeviriyorum
    numaralar = tokenizer.encode(prompt)
    # tokenizer'ın gördüğü başlangıç
    bas = tokenizer.decode(numaralar)
    # başlangıçta kaç kelime var?
    bastaki = len(bas.split())
    # yeni harfleri buraya ekliyorum
    devam = ""
    # her kelime için en fazla 30 harf
    for tur in range(30 * n_words):
        # şimdiye kadarki bütün yazı
        yazi = bas + devam
        # kaç yeni kelime oldu?
        yeni_kelime = len(yazi.split()) - bastaki
        # yeterince kelime varsa ve son harf boşluksa duruyorum
        if yeni_kelime >= n_words and yazi[-1].isspace():
            break
        # bir harf daha ekliyorum
        sonuc = generate(model, torch.tensor([numaralar]), 1, temperature, None, generator)
        numaralar = sonuc[0].tolist()
        # yeni harfi yazıya çeviriyorum
        devam = devam + tokenizer.decode([numaralar[-1]])
    # sondaki boşluğu atıyorum
    return bas + devam.rstrip()
