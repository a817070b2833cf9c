"""Addresses of the climate room."""

from django.urls import path

from madang.rooms.climate import views

app_name = "climate"
urlpatterns = [path("climate/", views.home, name="home")]
