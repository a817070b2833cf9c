"""Addresses of the interface itself."""

from django.urls import path

from madang.ui import views

urlpatterns = [
    path("preferences/", views.preferences, name="preferences"),
    path("gallery/", views.gallery, name="gallery"),
]
