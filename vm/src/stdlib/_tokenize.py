# `_tokenize`
class TokenizerIter:
    def __init__(self, readline, *, encoding=None, extra_tokens=False):
        raise NotImplementedError('pyrvm cannot do this yet: tokenize')
