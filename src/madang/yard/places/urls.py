"""Addresses of the places."""

from django.urls import path

from madang.yard.places import views

urlpatterns = [path("open/boundaries.geojson", views.boundaries, name="boundaries")]
