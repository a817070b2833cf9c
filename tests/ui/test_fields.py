"""Every kind of form field: label, help, error, and the ids that tie them together."""

from xml.etree import ElementTree as ET

import pytest
from django import forms
from django.template import engines
from django.utils import translation

from madang.numerics.errors import DomainError
from madang.ui.fields import field_view
from madang.ui.gallery import GalleryForm
from madang.ui.problems import form_problem


def drawn(form: forms.Form) -> ET.Element:
    """Draw a whole form and return it as a tree (void elements closed)."""
    source = '{% import "ui/components.html" as ui %}{{ ui.form(form, "/send/", "", "Send") }}'
    page = engines["jinja2"].from_string(source).render({"form": form})
    for name in ("input", "meta"):
        page = "".join(
            part if index == 0 else f"<{name}{_closed(part)}" for index, part in enumerate(page.split(f"<{name}"))
        )
    for bare in (" novalidate", " required", " checked", " selected", " multiple", " disabled"):
        page = page.replace(bare, "")
    return ET.fromstring(f"<main>{page}</main>")  # noqa: S314  # our own page


def _closed(part: str) -> str:
    head, tail = part.split(">", 1)
    return f"{head.rstrip('/')}/>{tail}"


@pytest.fixture
def faulty() -> GalleryForm:
    return GalleryForm({"title": "", "fetch": "pigeon", "due": "soon", "token": "x"})


def test_every_control_has_a_label(faulty: GalleryForm) -> None:
    tree = drawn(faulty)
    labels = {label.attrib["for"] for label in tree.iter("label")}
    for kind in ("input", "select", "textarea"):
        for control in tree.iter(kind):
            if control.attrib.get("type") != "hidden":
                assert control.attrib["id"] in labels, control.attrib


def test_every_described_control_points_at_words_that_exist(faulty: GalleryForm) -> None:
    tree = drawn(faulty)
    ids = {node.attrib["id"] for node in tree.iter() if "id" in node.attrib}
    described = [name for node in tree.iter() for name in node.attrib.get("aria-describedby", "").split()]
    assert described
    assert set(described) <= ids
    assert len([node for node in tree.iter() if "id" in node.attrib]) == len(ids), "ids are used once"


def test_the_summary_links_to_every_fault(faulty: GalleryForm) -> None:
    tree = drawn(faulty)
    ids = {node.attrib["id"] for node in tree.iter() if "id" in node.attrib}
    summary = next(node for node in tree.iter("div") if node.attrib.get("role") == "alert")
    targets = [link.attrib["href"].removeprefix("#") for link in summary.iter("a")]
    assert len(targets) == 5
    assert set(targets) <= ids


def test_nothing_typed_is_lost() -> None:
    typed = {"title": "A <b>book</b>", "wish": "Soon", "shelf": "b", "fetch": "desk", "days": ["sun"], "due": "never"}
    form = GalleryForm(typed)
    assert not form.is_valid()
    source = '{% import "ui/components.html" as ui %}{{ ui.fields(form) }}'
    page = engines["jinja2"].from_string(source).render({"form": form})
    assert 'value="A &lt;b&gt;book&lt;/b&gt;"' in page
    assert ">\nSoon</textarea>" in page
    assert '<option value="b" selected>' in page
    assert 'value="never"' in page
    assert page.count(" checked") == 2


def test_invalid_fields_say_so_to_a_screen_reader(faulty: GalleryForm) -> None:
    view = field_view(faulty["title"])
    assert 'aria-invalid="true"' in view.control
    assert f'aria-describedby="{view.error_id} {view.help_id}"' in view.control
    fresh = field_view(GalleryForm()["title"])
    assert "aria-invalid" not in fresh.control
    assert f'aria-describedby="{fresh.help_id}"' in fresh.control


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("title", "Please fill this in."),
        ("shelf", "Please choose one."),
        ("fetch", "Please choose one of these."),
        ("due", "Please write the date as in 2026-11-23."),
        ("agreed", "Please tick this box to go on."),
    ],
)
def test_errors_say_how_to_mend_them(faulty: GalleryForm, name: str, words: str) -> None:
    with translation.override("en"):
        assert field_view(faulty[name]).errors == (words,)


def test_a_form_s_own_words_are_kept() -> None:
    class Own(forms.Form):
        name = forms.CharField(error_messages={"required": "Which name stands on the door?"})

    assert field_view(Own({})["name"]).errors == ("Which name stands on the door?",)


def test_a_refusal_of_a_service_stands_beside_its_field() -> None:
    form = GalleryForm({"title": "x"})
    form_problem(form, DomainError("taken", "This title is lent. Choose another.", field="title"))
    form_problem(form, DomainError("closed", "The library is closed.", field="elsewhere"))
    assert field_view(form["title"]).errors == ("This title is lent. Choose another.",)
    assert list(form.non_field_errors()) == ["The library is closed."]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("title", "input"), ("wish", "textarea"), ("shelf", "select"), ("fetch", "choices"), ("days", "choices"),
        ("due", "input"), ("photo", "file"), ("agreed", "checkbox"), ("token", "hidden"),
    ],
)  # fmt: skip
def test_kinds_are_told_apart(name: str, kind: str) -> None:
    assert field_view(GalleryForm()[name]).kind == kind
