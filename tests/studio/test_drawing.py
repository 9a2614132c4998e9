"""What a drawing says beside the model: marks with colour, sign and words; two versions over one another; links; tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import etree

from api.assets import asset
from engine.diagram import STYLE, Mark, draw, draw_over
from engine.diagram.marks import SIGNS
from tests.conftest import ROOT

if TYPE_CHECKING:
    from tests.api.conftest import Caller

SOURCE = (ROOT / "workflows" / "bpmn" / "temporary-assistance.bpmn").read_bytes()
SVG = "{http://www.w3.org/2000/svg}"


def group(picture: str, element: str) -> etree._Element:
    found = [
        one for one in etree.fromstring(picture).iter(f"{SVG}g") if one.get("data-element-id") == element
    ]
    assert len(found) == 1
    return found[0]


def words(element: etree._Element) -> str:
    return "".join(element.itertext())


@pytest.mark.parametrize("kind", SIGNS)
def test_every_kind_has_a_colour_and_a_sign(kind: str) -> None:
    one = group(draw(SOURCE, marks={"register": Mark(kind, words="看这里")}), "register")
    assert one.get("class") == kind
    assert f".{kind}>.d-f" in STYLE
    assert SIGNS[kind] in words(one)
    title = one.find(f"{SVG}title")
    assert title is not None
    assert str(title.text).endswith("· 看这里")


def test_counts_tokens_and_remarks_are_drawn() -> None:
    one = group(draw(SOURCE, marks={"register": Mark("covered", sign="17", tokens=3, remarks=2)}), "register")
    assert {"17", "3", "2"} <= {text.text for text in one.iter(f"{SVG}tspan")}
    assert len([circle for circle in one.iter(f"{SVG}circle") if circle.get("class") == "d-t"]) == 1


def test_a_link_can_be_reached_and_says_where_it_leads() -> None:
    picture = etree.fromstring(draw(SOURCE, marks={"register": Mark(href="#do-register", words="可办理")}))
    assert picture.get("role") == "group"
    (link,) = picture.iter(f"{SVG}a")
    assert (link.get("href"), str(link.get("aria-label")).endswith("可办理")) == ("#do-register", True)


def test_states_are_drawn_as_before() -> None:
    assert group(draw(SOURCE, {"register": "late"}), "register").get("class") == "late"
    assert etree.fromstring(draw(SOURCE)).get("role") == "img"


def test_what_is_gone_stands_where_it_stood() -> None:
    after = SOURCE.replace(b'bpmnElement="register"', b'bpmnElement="nowhere"')
    assert 'data-element-id="register"' not in draw(after)
    picture = draw_over(SOURCE, after, {"register": Mark("removed")})
    assert group(picture, "register").get("class") == "removed"


def test_a_page_takes_the_same_rules_from_a_sheet(analyst: Caller) -> None:
    assert analyst.get(asset("diagram.css")).text == STYLE.lstrip("\n")
    assert "<style>" not in draw(SOURCE, alone=False)


def test_names_cannot_break_out_of_the_picture() -> None:
    picture = draw(SOURCE, marks={"register": Mark(words='"><script>', href='"><script>')})
    assert not list(etree.fromstring(picture).iter(f"{SVG}script"))
