"""Elections that hypothesis draws: few projects and voters, many ties, free projects, empty ballots, cents."""

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st
from tests.rooms.autonomy.allocation.reference import Gains, Reference

from madang.rooms.autonomy.engine.allocation.support import Satisfaction
from madang.rooms.autonomy.engine.election import Ballots, BallotType, Election, Project, ballots_merged

IDS = ("1", "10", "2", "b", "a", "B")


@dataclass(frozen=True)
class Drawn:
    costs: dict[str, Fraction]
    ballots: list[dict[str, int]]
    budget: Fraction
    type: BallotType

    def election(self, ballots: list[dict[str, int]] | None = None) -> Election:
        index = {id_: number for number, id_ in enumerate(self.costs)}
        rows = self.ballots if ballots is None else ballots
        merged: Ballots = ballots_merged(
            self.type, ((row if self.type.has_points else list(row), 1) for row in rows), index
        )
        projects = tuple(Project(id=id_, cost=cost) for id_, cost in self.costs.items())
        return Election(projects=projects, ballots=merged, budget=self.budget)

    def gains(self, satisfaction: Satisfaction) -> Gains:
        if satisfaction is Satisfaction.COST:
            # A free project gains nothing in cost; it is supported all the same.
            return [{p: self.costs[p] or Fraction(1) for p in row} for row in self.ballots]
        if satisfaction is Satisfaction.ADDITIVE:
            return [{p: Fraction(points) for p, points in row.items()} for row in self.ballots]
        if satisfaction is Satisfaction.BORDA:
            return [{p: Fraction(len(row) - place - 1) for place, p in enumerate(row)} for row in self.ballots]
        return [dict.fromkeys(row, Fraction(1)) for row in self.ballots]

    def reference(self, satisfaction: Satisfaction) -> Reference:
        return Reference(self.costs, self.gains(satisfaction), self.budget, sorted(self.costs))


@st.composite
def elections(draw: st.DrawFn, type_: BallotType) -> Drawn:
    ids = draw(st.permutations(IDS))[: draw(st.integers(1, 6))]
    cents = draw(st.sampled_from((1, 1, 10)))
    costs = {id_: Fraction(draw(st.integers(0, 12)), cents) for id_ in ids}
    points = st.integers(0, 3)
    row = st.lists(st.sampled_from(ids), unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries(dict.fromkeys(chosen, points))
    )
    ballots = draw(st.lists(row, min_size=1, max_size=7))
    return Drawn(costs, ballots, Fraction(draw(st.integers(0, 40)), cents), type_)


SATISFACTIONS = (
    (BallotType.APPROVAL, Satisfaction.COST),
    (BallotType.APPROVAL, Satisfaction.CARDINALITY),
    (BallotType.CUMULATIVE, Satisfaction.ADDITIVE),
    (BallotType.SCORING, Satisfaction.CARDINALITY),
    (BallotType.ORDINAL, Satisfaction.BORDA),
    (BallotType.ORDINAL, Satisfaction.COST),
)
