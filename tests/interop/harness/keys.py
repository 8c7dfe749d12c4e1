"""Node identities: Ed25519 public keys from seeds, and the addresses that follow (spec/wire.md 1).

Pure Python, so that the harness needs nothing but the standard library. Test keys only: not constant time.
"""
import hashlib
import ipaddress

_P = 2 ** 255 - 19
_D = -121665 * pow(121666, _P - 2, _P) % _P
_BASE_Y = 4 * pow(5, _P - 2, _P) % _P


def _recover_x(y):
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    return _P - x if x & 1 else x


def _add(a, b):
    """Sum of two points in extended coordinates."""
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    u, v = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


_BASE_X = _recover_x(_BASE_Y)
_BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


def public_key(seed):
    """The 32-byte public key of a 32-byte seed."""
    scalar = int.from_bytes(hashlib.sha512(seed).digest()[:32], 'little')
    scalar = scalar & ((1 << 254) - 8) | 1 << 254
    result, power = (0, 1, 1, 0), _BASE
    while scalar:
        if scalar & 1:
            result = _add(result, power)
        power = _add(power, power)
        scalar >>= 1
    inverse = pow(result[2], _P - 2, _P)
    x, y = result[0] * inverse % _P, result[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, 'little')


def address_of(public):
    """The IPv6 address of a public key, as text."""
    bits = bin(int.from_bytes(bytes(b ^ 0xFF for b in public), 'big'))[2:].zfill(256)
    ones = len(bits) - len(bits.lstrip('1'))
    tail = bits[ones + 1:][:112].ljust(112, '0')
    return str(ipaddress.IPv6Address(bytes([2, ones]) + int(tail, 2).to_bytes(14, 'big')))


class KeyPair:
    """`private` is what configuration files hold: seed, then public key, in hex."""

    def __init__(self, seed):
        self.public_bytes = public_key(seed)
        self.public = self.public_bytes.hex()
        self.private = seed.hex() + self.public
        self.address = address_of(self.public_bytes)

    @staticmethod
    def random(rng, accept=lambda public: True):
        """A key pair drawn from `rng` whose public key (bytes) is accepted."""
        while True:
            pair = KeyPair(rng.randbytes(32))
            if accept(pair.public_bytes):
                return pair

    @staticmethod
    def with_rank(rng, rank):
        """A key pair whose public key starts with the byte `rank`: the lowest key becomes root."""
        return KeyPair.random(rng, lambda public: public[0] == rank)
