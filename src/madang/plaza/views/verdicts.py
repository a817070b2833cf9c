"""Why a project won or lost, in sentences: what the explanation says in codes and numbers, said for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from madang.ui import formats

Said = Mapping[str, Any]


def verdict_words(said: Said, names: Mapping[str, str]) -> str:
    """Return why a project won, or why it lost and what would have made it win.

    Parameters
    ----------
    said : mapping
        One project of `madang.rooms.autonomy.engine.verdict.verdict_json`.
    names : mapping
        What projects are called, by their code.
    """
    return " ".join(filter(None, _won(said) if said["won"] else _lost(said, names)))


def fairness_words(properties: Said) -> list[tuple[str, str]]:
    """Return what can be said of an outcome as a whole: pairs of a question and its answer."""
    language = get_language() or "ko"
    answers = {
        "holds": _("Yes."),
        "fails": _("No."),
        "not_refuted": _("Nothing was found that speaks against it; it is not proven."),
    }
    left = properties["left_out"]
    share = left["nothing"] / left["voters"] if left["voters"] else 0.0
    none = _("%(share)s (%(num)s of %(all)s)") % {
        "share": formats.percent(share, language),
        "num": formats.number(left["nothing"], language),
        "all": formats.number(left["voters"], language),
    }
    return [
        (_("Voters of whose choices nothing won"), none),
        (_("Is the money used up, so that nothing more fits?"), answers[properties["exhaustive"]["status"]]),
        (
            _("Does every group that agrees get what its share of the money can buy, up to one project?"),
            answers[properties["ejr1"]["status"]],
        ),
        (
            _("Can equal purses explain the outcome: nobody paid more than others could?"),
            answers[properties["priceable"]["status"]],
        ),
    ]


def _won(said: Said) -> list[str]:
    language = get_language() or "ko"
    match said["code"]:
        case "won_free":
            return [_("It costs nothing, and somebody wants it.")]
        case "won_bought":
            payers = said["payers"]
            each = formats.won_short(round(payers["full_paid"]), language)
            words = [
                ngettext(
                    "%(num)s voter paid %(each)s for it.", "%(num)s voters paid %(each)s each for it.", payers["full"]
                )
                % {"num": formats.number(payers["full"], language), "each": each}
            ]
            if payers["rest"]:
                words.append(
                    ngettext(
                        "%(num)s more gave what they had left.", "%(num)s more gave what they had left.", payers["rest"]
                    )
                    % {"num": formats.number(payers["rest"], language)}
                )
            return words
        case "won_completed":
            return [_("What the rule left unspent went to it, as fixed before the vote.")]
        case _:
            return [_("When its turn came, it still fitted into the budget.")]


def _lost(said: Said, names: Mapping[str, str]) -> list[str]:
    match said["code"]:
        case "lost_alone":
            return [_("No ballot named it.")]
        case "lost_dear":
            first = _("It costs more than the whole budget.")
        case "lost_few":
            first = _("It had fewer supporters than the rule asks for.")
        case "lost_ranked":
            first = _("When its turn came, it no longer fitted into the budget.")
        case _:
            first = _part(said)
    return [first, _missing(said), _rivals(said["more_supporters"] or said["lower_cost"], names)]


def _part(said: Said) -> str:
    part = said["effective_support"]
    if part is None:
        return _("Its supporters had too little money left for it.")
    shown = formats.percent(part, get_language() or "ko")
    return _("Its supporters could pay at most %(part)s of its cost.") % {"part": shown}


def _missing(said: Said) -> str:
    language = get_language() or "ko"
    more, cheaper = said["more_supporters"], said["lower_cost"]
    data = {
        "more": formats.number(more["amount"], language) if more else "",
        "cost": formats.won_short(round(cheaper["amount"]), language) if cheaper else "",
    }
    if more and cheaper:
        return (
            ngettext(
                "With %(more)s more supporter, or at a cost of %(cost)s, it would have won.",
                "With %(more)s more supporters, or at a cost of %(cost)s, it would have won.",
                more["amount"],
            )
            % data
        )
    if more:
        words = ngettext(
            "With %(more)s more supporter it would have won.",
            "With %(more)s more supporters it would have won.",
            more["amount"],
        )
        return words % data
    return _("At a cost of %(cost)s it would have won.") % data if cheaper else ""


def _rivals(change: Said | None, names: Mapping[str, str]) -> str:
    displaced: Sequence[str] = change["displaced"] if change else ()
    if not displaced:
        return ""
    listed = ", ".join(names[code] for code in displaced)
    return _("In its place, these would not have won: %(names)s.") % {"names": listed}
