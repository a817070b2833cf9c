"""Addresses of the plaza."""

from django.urls import path

from madang.plaza import views

urlpatterns = [path("", views.home, name="home")]
