"""Addresses of the care room."""

from django.urls import path

from madang.rooms.care import views

app_name = "care"
urlpatterns = [path("care/", views.home, name="home")]
