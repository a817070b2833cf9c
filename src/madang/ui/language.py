"""Which of two wordings the reader gets."""

from django.utils.translation import get_language


def in_current_language(korean: str, english: str) -> str:
    """Return the English wording to a reader of English where there is one, else the Korean.

    Examples
    --------
    >>> from django.utils import translation
    >>> with translation.override("en"):
    ...     in_current_language("구", "district")
    'district'
    """
    language = get_language() or "ko"
    return korean if language.startswith("ko") or not english else english
