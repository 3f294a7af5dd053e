# Style: as few lines as possible.
import json,re
from collections import Counter as C
P=re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
def W(t):
    if not isinstance(t,str):raise TypeError("str, please")
    return[[b+3 for b in w.encode()]for w in P.findall(t)]
def M(w,p,n):
    o=[]
    for x in w:
        if o and(o[-1],x)==p:o[-1]=n
        else:o+=[x]
    return o
class BPETokenizer:
    def __init__(s,merges=()):
        s.merges=[*merges];s.vocab=[b"<pad>",b"<unk>",b"<eos>",*(bytes([i])for i in range(256))]
        for a,b in s.merges:s.vocab+=[s.vocab[a]+s.vocab[b]]
        s.vocab_size=len(s.vocab)
    @classmethod
    def train(k,text,vocab_size):
        if vocab_size<259:raise ValueError("259 at least")
        w=W(text);m=[]
        while len(m)<vocab_size-259 and(c:=C(p for x in w for p in zip(x,x[1:]))):
            m+=[min(c,key=lambda p:(-c[p],p))];w=[M(x,m[-1],258+len(m))for x in w]
        return k(m)
    def encode(s,text):
        w=W(text)
        for n,p in enumerate(s.merges,259):w=[M(x,p,n)for x in w]
        return sum(w,[])
    def decode(s,ids):
        ids=[*ids]
        if any(not 0<=i<s.vocab_size for i in ids):raise ValueError("no such id")
        return b"".join(s.vocab[i]for i in ids).decode(errors="replace")
    def save(s,path):
        with open(path,"w")as f:json.dump(dict(merges=s.merges),f)
    @classmethod
    def load(k,path):
        with open(path,"rb")as f:d=json.loads(f.read())
        try:m=[(a+0,b+0)for a,b in d["merges"]]
        except(KeyError,TypeError):raise ValueError("no merges")
        if any(not 0<=x<259+n for n,p in enumerate(m)for x in p):raise ValueError("no such id yet")
        return k(m)
