"""What a template is known to name and to hold before it is printed."""

from __future__ import annotations

import pytest
from jinja2 import TemplateSyntaxError

from engine.documents.reading import Unsafe, Use, unsafe, uses, value_at
from tests.conftest import ROOT

TEXTS = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})


def test_fields_are_found_by_line_through_loops_and_sets() -> None:
    text = (
        "{{ data.person.name }}\n"
        "{% for row in data.members %}{{ row.name }}{{ loop.index }}\n"
        "{% for paper in row.papers if paper.ok %}{{ paper['title'] }}{% endfor %}{% endfor %}\n"
        "{% set who = data.person %}{{ who.phone | mask_phone }}\n"
        "{{ data.facts.items() }}{% if case.number %}{{ document.issued_on }}{% endif %}{{ other.thing }}"
    )
    assert uses(text) == [
        Use("data.person.name", 1),
        Use("data.members", 2),
        Use("data.members[].name", 2),
        Use("data.members[].papers", 3),
        Use("data.members[].papers[].ok", 3),
        Use("data.members[].papers[].title", 3),
        Use("data.person", 4),
        Use("data.person.phone", 4),
        Use("data.facts", 5),
        Use("case.number", 5),
        Use("document.issued_on", 5),
    ]


def test_what_a_template_can_do_without_is_told_apart() -> None:
    text = (
        "{{ data.who | default('—') }}{% if data.facts.name is defined and data.facts.name %}{{ data.facts.name }}{% endif %}"
        "{{ data.facts.other }}"
    )
    assert [(one.name, one.optional) for one in uses(text)] == [
        ("data.who", True),
        ("data.facts.name", True),
        ("data.facts.other", False),
    ]


def test_a_broken_template_says_so() -> None:
    with pytest.raises(TemplateSyntaxError) as broken:
        uses("{{ data.x }}\n{% if %}")
    assert broken.value.lineno == 2


def test_values_are_looked_up_as_the_template_names_them() -> None:
    known = {"data": {"person": {"name": "李"}, "rows": [{"a": 1}], "none": [], "null": None}}
    assert value_at("data.person.name", known) == (True, "李")
    assert value_at("data.rows[].a", known) == (True, 1)
    assert value_at("data.rows[].b", known) == (False, None)
    assert value_at("data.none[].a", known) == (True, None)
    assert value_at("data.null", known) == (True, None)
    assert value_at("data.null.deeper", known) == (False, None)
    assert value_at("case.number", known) == (False, None)


def test_the_templates_of_the_house_hold_nothing_unsafe() -> None:
    assert TEXTS
    for path in TEXTS:
        assert unsafe(path.read_text()) == [], path


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("<p>\n<script>x</script>", (2, "element", "script")),
        ('<p>\n\n<iframe src="x"></iframe>', (3, "element", "iframe")),
        ('<img onerror="x()">', (1, "handler", "onerror")),
        ('<img src="https://example.org/a.png">', (1, "address", "https://example.org/a.png")),
        ('<img src="/etc/passwd">', (1, "address", "/etc/passwd")),
        ('<a href=" JavaScript:alert(1)">x</a>', (1, "address", " JavaScript:alert(1)")),
        ("<style>\np { color: red }\np { background: url(file:///x) }</style>", (3, "sheet", "p { background: url(file:///x) }")),
        ('<p style="background: url(//x)">', (1, "sheet", "background: url(//x)")),
        ("<style>@import 'x';</style>", (1, "sheet", "@import 'x';")),
        ('<meta http-equiv="refresh" content="0">', (1, "element", "meta")),
        ("{{ data.x }}\n{{ data.x | safe }}", (2, "raw", "safe")),
        ("{% autoescape false %}", (1, "raw", "autoescape")),
        ("{% if x %}<script{% endif %}>", (1, "element", "script")),
    ],
)  # fmt: skip
def test_what_loads_runs_or_lets_markup_through_is_told_at_its_line(
    text: str, wrong: tuple[int, str, str]
) -> None:
    assert unsafe(text) == [Unsafe(*wrong)]


def test_links_and_drawn_pictures_are_no_danger() -> None:
    fine = '<p title="a<b">{{ data.x }}</p>\n<a href="https://12345.example">x</a>{{ qr(document.verify_url) }}<img src="{{ x }}">'
    assert unsafe(fine) == []
    assert unsafe("<<<>>><!-- <script> --><p") == []
