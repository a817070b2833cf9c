"""What an officer fills in to prepare a vote: the rule, the limits of a ballot, who may vote, and the keys."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from madang.rooms.autonomy.engine.election import BallotType
from madang.rooms.autonomy.engine.manifest import Completion, Rule

# What each rule does with money that it leaves unspent; fixed here, so that an officer chooses one thing and not four.
COMPLETIONS = {
    Rule.EQUAL_SHARES: Completion.ADD1,
    Rule.EXACT_EQUAL_SHARES: Completion.ADD_OPT,
    Rule.GREEDY: Completion.NONE,
    Rule.PHRAGMEN: Completion.NONE,
    Rule.BOS: Completion.NONE,
}


class RuleForm(forms.Form):
    """The rule of a vote and the limits of its ballots."""

    rule = forms.ChoiceField(
        label=_("How the budget is given away"),
        widget=forms.RadioSelect,
        initial=Rule.EQUAL_SHARES.value,
        choices=(
            (
                Rule.EQUAL_SHARES.value,
                _("Equal shares: every voter has the same part of the money, groups buy together"),
            ),
            (Rule.EXACT_EQUAL_SHARES.value, _("Exact equal shares: the same, and each pays the same for a project")),
            (Rule.GREEDY.value, _("Most votes first, as long as the money lasts")),
            (Rule.PHRAGMEN.value, _("Phragmén: money comes to all evenly, groups buy as soon as they can")),
            (Rule.BOS.value, _("Bounded overspending: equal shares that may go a little over one's part")),
        ),
    )
    type = forms.ChoiceField(
        label=_("How one votes"),
        widget=forms.RadioSelect,
        initial=BallotType.APPROVAL.value,
        choices=(
            (BallotType.APPROVAL.value, _("Choose the proposals that one wants")),
            (BallotType.CUMULATIVE.value, _("Share points among the proposals")),
            (BallotType.ORDINAL.value, _("Put the proposals in order")),
        ),
    )
    max_length = forms.IntegerField(
        label=_("How many proposals one may name"),
        min_value=1,
        max_value=100,
        initial=5,
        help_text=_("Few, so that a ballot cannot be made to tell whose it is."),
    )
    max_sum_points = forms.IntegerField(
        label=_("How many points one may share"),
        min_value=1,
        max_value=1000,
        initial=10,
        required=False,
        help_text=_("Only where points are shared."),
    )
    step = forms.IntegerField(
        label=_("Step in won by which equal shares are raised until the money is used up"),
        min_value=1,
        initial=1000,
        help_text=_(
            "Only for equal shares. A hundredth of the budget divided by the voters you expect is a good step."
        ),
    )
    min_age = forms.IntegerField(label=_("From which age one may vote"), min_value=0, max_value=130, initial=18)
    threshold = forms.IntegerField(
        label=_("How many council members open the ballots together"),
        min_value=1,
        max_value=30,
        initial=2,
        help_text=_("Fewer than that can open nothing, and learn nothing."),
    )
    batch = forms.IntegerField(
        label=_("How many ballots wait for one another before they enter the box"),
        min_value=1,
        max_value=1000,
        initial=50,
        help_text=_("The more, the less the moment of voting says about whose ballot it is."),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the points where points are shared, and refuse a rule that knows none."""
        data = super().clean() or {}
        chosen = data.get("type")
        if data.get("rule") == Rule.EXACT_EQUAL_SHARES.value and chosen not in (None, BallotType.APPROVAL.value):
            self.add_error("rule", _("Under this rule one chooses proposals; it knows neither points nor an order."))
        if data.get("type") == BallotType.CUMULATIVE.value and not data.get("max_sum_points"):
            self.add_error("max_sum_points", _("Say how many points one may share."))
        return data

    def manifest(self, dong: str) -> dict[str, Any]:
        """Return the manifest that was chosen, for a dong."""
        data = self.cleaned_data
        rule, kind = Rule(data["rule"]), BallotType(data["type"])
        ballot: dict[str, Any] = {"type": kind.value, "min_length": 1, "max_length": data["max_length"]}
        if kind.has_points:
            ballot["max_sum_points"] = data["max_sum_points"]
        return {
            "rule": rule.value,
            "completion": COMPLETIONS[rule].value,
            "step": data["step"],
            # Greedy would otherwise fund what nobody chose while money is left.
            "min_votes": int(rule is Rule.GREEDY),
            "ballot": ballot,
            "eligibility": {"dong": dong, "min_age": data["min_age"]},
        }
