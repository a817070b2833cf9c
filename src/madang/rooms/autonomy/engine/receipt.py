"""Receipt numbers: twelve characters that a person can read aloud and nobody can guess."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
ENTROPY_BITS = 55
GROUP = 4

_BITS = 5
_POLYNOMIAL = 0b100101
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


def receipt_number(entropy: int) -> str:
    """Return the receipt number that belongs to 55 random bits.

    Parameters
    ----------
    entropy : int
        From 0 to ``2**55 - 1``, drawn from a cryptographic source by the caller.

    Raises
    ------
    ValueError
        If the number is outside that range.

    Notes
    -----
    Eleven symbols of five bits and one check symbol, in Crockford's base 32 (no I, L, O, U). The symbols are read as
    the coefficients of a polynomial over GF(32); the check symbol makes it vanish at the field's primitive element.
    Its powers up to the eleventh differ, so every single wrong symbol and every swap of two symbols is noticed, and one
    in 32 of all other faults is not.

    References
    ----------
    Crockford, D. (2019), "Base 32"; Reed, I. S. & Solomon, G. (1960), doi:10.1137/0108018.

    Examples
    --------
    >>> receipt_number(0)
    '000000000000'
    >>> receipt_valid(receipt_number(123_456_789))
    True
    """
    if not 0 <= entropy < 1 << ENTROPY_BITS:
        raise ValueError(f"entropy {entropy} is not a {ENTROPY_BITS}-bit number")
    symbols = [(entropy >> _BITS * place) & 31 for place in reversed(range(LENGTH - 1))]
    symbols.append(_times_alpha(_remainder(symbols)))
    return "".join(ALPHABET[symbol] for symbol in symbols)


def receipt_read(text: str) -> str:
    """Return a typed receipt number in its one form: upper case, no spaces or hyphens, look-alikes mended.

    Examples
    --------
    >>> receipt_read("oi2l-abcd efgh")
    '0121ABCDEFGH'
    """
    return "".join(character for character in text.upper() if character.isalnum()).translate(_LOOKALIKES)


def receipt_valid(text: str) -> bool:
    """Return whether a number in its one form has the right length and symbols and a check symbol that holds."""
    if len(text) != LENGTH or any(character not in ALPHABET for character in text):
        return False
    return _remainder([ALPHABET.index(character) for character in text]) == 0


def receipt_shown(number: str) -> str:
    """Return a number as it is printed: three groups of four.

    Examples
    --------
    >>> receipt_shown("0121ABCDEFGH")
    '0121-ABCD-EFGH'
    """
    return "-".join(number[start : start + GROUP] for start in range(0, len(number), GROUP))


def _times_alpha(value: int) -> int:
    doubled = value << 1
    return doubled ^ _POLYNOMIAL if doubled & 32 else doubled


def _remainder(symbols: list[int]) -> int:
    value = 0
    for symbol in symbols:
        value = _times_alpha(value) ^ symbol
    return value
