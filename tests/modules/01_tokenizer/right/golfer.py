# style: a terse code golfer, one-letter names, str.find in place of a dictionary
S="<pad> <unk> <eos>".split()
N=len(S)


def uniq(t):
    r=""
    for c in t:r+=c*(c not in r)
    return r


class CharTokenizer:
    def __init__(s,t):
        s.a=uniq(t)
        s.vocab=[*S,*s.a]
        s.vocab_size=N+len(s.a)

    def _i(s,c):
        k=s.a.find(c)
        return k+N if~k else 1

    def _t(s,i):
        if i<0 or i>=s.vocab_size:raise ValueError(i)
        return s.vocab[i]if i<N else s.a[i-N]

    def encode(s,t):return[*map(s._i,t)]
    def decode(s,d):return"".join(map(s._t,d))
