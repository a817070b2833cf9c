"""Addresses of the health room."""

from django.urls import path

from madang.rooms.health import views

app_name = "health"
urlpatterns = [path("health/", views.home, name="home")]
