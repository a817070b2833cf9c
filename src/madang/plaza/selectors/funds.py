"""Which funds can pay for what a dong decided."""

from madang.yard.ledger.models import Fund
from madang.yard.ledger.selectors import funds_list


def funds_for(dong: str, year: int) -> list[Fund]:
    """Return the funds of a year that reach a dong, its own first."""
    return sorted(
        (fund for fund in funds_list(year) if dong.startswith(fund.place)),
        key=lambda fund: (-len(fund.place), fund.code),
    )
