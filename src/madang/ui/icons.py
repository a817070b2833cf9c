"""Small pictures drawn as paths in a 24 x 24 box; always beside words, never instead of them."""

from types import MappingProxyType

from markupsafe import Markup

_PICTURE = Markup(
    '<svg viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" fill-rule="evenodd" d="{}"/></svg>'
)
# A state is told by word and shape as well as by colour.
_PATHS = MappingProxyType(
    {
        "new": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm0 2.6a5.4 5.4 0 1 1 0 10.8 5.4 5.4 0 0 1 0-10.8Z",
        "going": "M3 10.6h11.4L10 6.2 12 4.2l7.8 7.8-7.8 7.8-2-2 4.4-4.4H3Z",
        "done": "M9.3 19.2 2.6 12.5 4.7 10.4 9.3 15 19.5 4.8 21.6 6.9Z",
        "late": "M12 2.2 23 21.2H1ZM10.7 8.6v6.6h2.6V8.6Zm0 8v2.6h2.6v-2.6Z",
        "held": "M6 4h4v16H6ZM14 4h4v16h-4Z",
        "error": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm-1.4 4.5h2.8v7.3h-2.8Zm0 8.9h2.8v2.7h-2.8Z",
        "info": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm-1.4 4h2.8v2.7h-2.8Zm0 4.5h2.8V18h-2.8Z",
        "down": "M10.7 3h2.6v9.5l3.6-3.6 1.8 1.9L12 17.5l-6.7-6.7 1.8-1.9 3.6 3.6ZM4 18.6h16v2.4H4Z",
    }
)


def icon(name: str) -> Markup:
    """Return an icon as decorative inline SVG.

    Parameters
    ----------
    name : str
        A key of the table above.

    Raises
    ------
    KeyError
        If there is no such icon.
    """
    return _PICTURE.format(_PATHS[name])
