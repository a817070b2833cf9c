"""The places app."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """The district and its dongs: codes, names and true boundaries."""

    name = "madang.yard.places"
    label = "places"
    default_auto_field = "django.db.models.BigAutoField"
