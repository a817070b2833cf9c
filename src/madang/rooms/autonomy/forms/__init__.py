"""What people fill in: one file a subject."""

from madang.rooms.autonomy.forms.agenda import AnswerForm, DecideForm, DeliverForm, ReportForm, TakeForm, TrackForm

__all__ = ["AnswerForm", "DecideForm", "DeliverForm", "ReportForm", "TakeForm", "TrackForm"]
