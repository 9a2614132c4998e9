"""Templates: strict, closed, and with what is wrong named. Filled without printing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from engine.documents.fonts import Fonts, find_faces
from engine.documents.issuers import read_areas
from engine.documents.jobs import Page
from engine.documents.pages import fill, whole_names
from engine.documents.press import SYSTEM
from engine.documents.refusal import DocumentRefused
from engine.documents.sandbox import environment
from tests.documents.conftest import CASE, DATA, DOCUMENT, ROOT, SHARED

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return Fonts(find_faces(SYSTEM))


def text_of(fonts: Fonts, template: str, name: str = "t/t.html", **data: Any) -> str:
    law = read_areas(ROOT, "jinzhong")
    sandbox = environment({**SHARED, f"templates/{name}": template.encode()}, fonts, law)
    return fill(sandbox, Page(name, CASE, {**DATA, **data}, DOCUMENT))


def refusal(fonts: Fonts, template: str, **data: Any) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as caught:
        text_of(fonts, template, **data)
    return caught.value


@pytest.mark.parametrize(
    ("template", "field", "line"),
    [
        ("a\n{{ data.nam }}", "data.nam", 2),
        ("{{ data.applicant.phone }}", "data.applicant.phone", 1),
        ("{% for row in data['items'] %}\n{{ row.whatt }}{% endfor %}", "data.items[1].whatt", 2),
        ("{{ data.note }}", "data.note", 1),
        ("{{ data.note | date_zh }}", "data.note", 1),
        ("{{ data.gone | money }}", "data.gone", 1),
        ("{% if data.gone %}x{% endif %}", "data.gone", 1),
        ("{{ case.numbr }}", "case.numbr", 1),
        ("{{ unheard }}", "unheard", 1),
    ],
)
def test_a_missing_field_is_named(fonts: Fonts, template: str, field: str, line: int) -> None:
    error = refusal(fonts, template)
    assert error.code == "field-missing"
    assert error.values == {"template": "t/t.html", "line": line, "field": field}
    assert error.final


def test_optional_fields(fonts: Fonts) -> None:
    template = "{% if data.note %}x{% endif %}{{ data.note | default('无', true) }}{% if data.gone is defined %}y{% endif %}"
    assert text_of(fonts, template) == "无"
    assert text_of(fonts, "{{ data.note is none }}") == "是"


def test_a_field_called_like_a_method_is_the_field(fonts: Fonts) -> None:
    assert text_of(fonts, "{{ data.items[0].what }}") == "病历"
    assert text_of(fonts, "{% for k, v in data.applicant.items() %}{{ k }} {% endfor %}") == "name id_number "


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{{ ''.__class__ }}", "template-broken"),
        ("{{ data.__class__.__mro__ }}", "field-missing"),
        ("{{ data.applicant.name.format.__globals__ }}", "template-broken"),
        ("{{ '{0.__class__}'.format(data.amount) }}", "template-broken"),
        ("{{ data.items.append(1) }}", "template-broken"),
        ("{{ self.__init__.__globals__ }}", "template-broken"),
        ("{{ range(10**9) | list | length }}", "value-wrong"),
        ("{% include 'other/secret.html' %}", "template-missing"),
        ("{% include '../../etc/passwd' %}", "template-missing"),
        ("{% if %}", "template-broken"),
        ("{{ data.applicant }}", "value-wrong"),
        ("{{ data.amount + 'x' }}", "value-wrong"),
        ("{{ 1 / 0 }}", "value-wrong"),
        ("{{ data.applicant.name | money }}", "value-wrong"),
        ("{{ data.amount | date_zh }}", "value-wrong"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "value-wrong"),
    ],
)
def test_nothing_else_is_reachable(fonts: Fonts, template: str, code: str) -> None:
    assert refusal(fonts, template).code == code


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ case.area | government }}", "晋中市榆次区人民政府"),
        ('{{ case.area | government("city") }}', "晋中市人民政府"),
        ("{{ case.area | court }}", "晋中市榆次区人民法院"),
        ("{{ '140781001001' | court }}", "介休市人民法院"),
        ("{{ '140728100' | area_name }}", "平遥县古陶镇"),
        ("{{ case.area | area_name }}", "晋中市榆次区乌金山镇乌金山村"),
        ("{{ 'SHJZF-29' | article }}", "《中华人民共和国社会救助法》第二十九条"),
    ],
)
def test_places_bodies_and_articles_come_from_the_law(fonts: Fonts, template: str, text: str) -> None:
    assert text_of(fonts, template) == text


def test_an_unknown_place_or_article_is_refused(fonts: Fonts) -> None:
    assert refusal(fonts, "{{ '99' | court }}").code == "issuer-unknown"
    assert refusal(fonts, "{{ 'X-1' | article }}").code == "article-unknown"
    assert refusal(fonts, "{{ data.gone | article }}").values["field"] == "data.gone"


def test_data_is_escaped_and_texts_are_not(fonts: Fonts) -> None:
    assert "&lt;script&gt;" in text_of(fonts, "{{ data.evil }}", evil="<script>")
    assert text_of(fonts, "{{ data.evil }}", "t/notice-x.txt", evil="<a&b>") == "<a&b>"


def test_the_shared_layouts_have_every_block_that_their_head_promises(fonts: Fonts) -> None:
    for layout in ("notice", "approval", "ledger", "certificate"):
        template = f'{{% extends "_shared/{layout}.html" %}}{{% block body %}}<p>正文</p>{{% endblock %}}'
        html = text_of(fonts, template)
        for needed in (
            DOCUMENT["title"],
            DOCUMENT["number"],
            DOCUMENT["issuer"],
            CASE["number"],
            "正文",
            "K7Q2 M9XW",
            'src="banjian-seal:',
            'src="banjian-code:',
        ):
            assert needed in html, (layout, needed)


def test_a_quote_in_a_case_number_stays_in_its_attribute(fonts: Fonts) -> None:
    sandbox = environment({**SHARED, "templates/t/t.html": b'{% extends "_shared/notice.html" %}'}, fonts)
    number = '1" } body{display:none} </style><b>'
    html = fill(sandbox, Page("t/t.html", {**CASE, "number": number}, DATA, DOCUMENT))
    sheet = html[html.index("<style>") : html.index("</style>")]
    assert "display:none" not in sheet
    assert "</style><b>" not in html
    assert html.count("</style>") == 1


def test_the_sheet_is_the_same_for_every_case(fonts: Fonts) -> None:
    """Only so it is read once for thousands of papers."""
    sandbox = environment({**SHARED, "templates/t/t.html": b'{% extends "_shared/notice.html" %}'}, fonts)
    sheets = set()
    for number in ("140702MZ202611230001", "140702MZ202611230002"):
        document = {**DOCUMENT, "number": number, "token": number}
        html = fill(sandbox, Page("t/t.html", {**CASE, "number": number}, DATA, document))
        sheets.add(html[html.index("<style>") : html.index("</style>")])
    assert len(sheets) == 1


def test_a_name_with_a_rare_character_is_set_in_one_face(fonts: Fonts) -> None:
    if "BabelStone Han" not in fonts.installed and "Noto Sans CJK SC" not in fonts.installed:
        pytest.skip("no second face installed")
    page = Page("t", {}, {"who": {"name": "张𬎆<b>"}, "plain": "张三"}, {})
    html = "<title>张𬎆&lt;b&gt;</title><p a='张𬎆&lt;b&gt;'>张𬎆&lt;b&gt;和张三</p>"
    whole = whole_names(html, page, fonts)
    assert whole.startswith("<title>张𬎆&lt;b&gt;</title><p a='张𬎆&lt;b&gt;'><span style=")
    assert whole.count("<span") == 1
    assert whole.endswith("张𬎆&lt;b&gt;</span>和张三</p>")


def test_missing_characters_are_found_wherever_they_stand(fonts: Fonts) -> None:
    assert fonts.missing("<p>普通文字 123 — 〔2026〕\n\u200b</p>") is None
    assert fonts.missing("<style>\U00032000</style><!-- \U00032000 --><p title='\U00032000'>好</p>") is None
    assert fonts.missing("<p>张&#x32000;</p>") == "\U00032000"
    assert fonts.missing("<p>\ue000</p>") == "\ue000"  # private use: the legacy place of rare characters
    assert fonts.missing("<p>\x07</p>") == "\x07"


def test_an_installation_without_faces_refuses_everything() -> None:
    assert Fonts(()).missing("<p>好</p>") == "好"


def test_amounts_stay_decimals(fonts: Fonts) -> None:
    assert (
        text_of(fonts, "{{ data.amount * 2 }} {{ data.amount > 100 }}", amount=Decimal("605.10"))
        == "1210.20 是"
    )


def test_no_font_file_breaks_the_search(tmp_path: Path) -> None:
    (tmp_path / "bad.otf").write_bytes(b"no font at all")
    (tmp_path / "empty.ttc").write_bytes(b"")
    assert find_faces([tmp_path]) == ()
