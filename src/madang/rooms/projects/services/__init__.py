"""The use cases of pledges and projects: load the tree, judge, open a project, reach a milestone."""

from madang.rooms.projects.services.assessing import pledge_assess, pledges_assess
from madang.rooms.projects.services.loading import PledgesFile, pledges_file_of, pledges_load
from madang.rooms.projects.services.measures import projects_measure
from madang.rooms.projects.services.projects import (
    MilestoneDraft,
    ProjectDraft,
    ReachDraft,
    milestone_reach,
    project_open,
)

__all__ = [
    "MilestoneDraft",
    "PledgesFile",
    "ProjectDraft",
    "ReachDraft",
    "milestone_reach",
    "pledge_assess",
    "pledges_assess",
    "pledges_file_of",
    "pledges_load",
    "project_open",
    "projects_measure",
]
