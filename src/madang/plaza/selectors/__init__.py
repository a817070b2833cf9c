"""What the plaza's pages show: several rooms and the yard, read together and never written."""

from madang.plaza.selectors.dongs import DongRow, DongView, dong_rows, dong_view, dongs_filed
from madang.plaza.selectors.funds import funds_for
from madang.plaza.selectors.home import Door, Home, home_view
from madang.plaza.selectors.maps import agenda_map, here_map
from madang.plaza.selectors.matters import MatterView, matter_view
from madang.plaza.selectors.measures import Measured, Reading, latest_values
from madang.plaza.selectors.search import Found, Hit, found_everywhere, words_of

__all__ = [
    "DongRow",
    "DongView",
    "Door",
    "Found",
    "Hit",
    "Home",
    "MatterView",
    "Measured",
    "Reading",
    "agenda_map",
    "dong_rows",
    "dong_view",
    "dongs_filed",
    "found_everywhere",
    "funds_for",
    "here_map",
    "home_view",
    "latest_values",
    "matter_view",
    "words_of",
]
