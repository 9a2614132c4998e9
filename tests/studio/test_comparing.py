"""Comparing versions in the studio: what is chosen by itself, each kind of file in its own way, and nothing for strangers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from lxml import html

from tests.studio.conftest import SHORT, drop, put

if TYPE_CHECKING:
    from tests.api.conftest import Caller, People

ADDRESS = f"/studio/{SHORT}/compare"
BPMN = f"workflows/bpmn/{SHORT}.bpmn"
FORM = f"forms/{SHORT}/call_back.json"


def edit(caller: Caller, path: str, *pairs: tuple[str, str]) -> None:
    """Change a file of the draft."""
    address = f"/studio/{SHORT}/file?path={path}"
    found = caller.get(address)
    text = found.content.decode()
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after, 1)
    saved = put(caller, address, text.encode(), **{"if-match": found.headers["etag"]})
    assert saved.status_code == 200, saved.text


def lines(page: html.HtmlElement) -> list[str]:
    return [
        " ".join(one.text_content().split()) for one in page.xpath("//ul[contains(@class,'differences')]/li")
    ]


def marked(page: html.HtmlElement, kind: str) -> set[str]:
    return set(page.xpath(f"//*[local-name()='g' and @class='{kind}']/@data-element-id"))


def test_without_a_second_version_there_is_nothing_to_compare(analyst: Caller) -> None:
    page = analyst.get(ADDRESS)
    assert page.status_code == 200
    assert "只有一个版本" in page.text or "one version only" in page.text


def test_the_draft_is_compared_with_what_it_began_from(analyst: Caller, draft: str) -> None:
    page = html.fromstring(analyst.get(ADDRESS).text)
    assert page.xpath("//select[@id='before']/option[@selected]/@value") == ["1"]
    assert page.xpath("//select[@id='after']/option[@selected]/@value") == ["draft"]
    assert not lines(page)


def test_each_kind_of_file_is_told_in_its_own_way(analyst: Caller, draft: str) -> None:
    source = analyst.get(f"/studio/{SHORT}/file?path={BPMN}").text
    shape = re.search(r'bpmnElement="fix".*?y="(\d+)"', source, re.DOTALL)
    assert shape is not None
    edit(
        analyst,
        BPMN,
        ('id="review_exclusion" name="复核评价"', 'id="review_exclusion" name="再次复核"'),
        (shape[0], shape[0].replace(f'y="{shape[1]}"', f'y="{int(shape[1]) + 7}"')),
        ("</bpmn:process>", '<bpmn:userTask id="more" name="再看"/></bpmn:process>'),
        (
            "</bpmndi:BPMNPlane>",
            (
                '<bpmndi:BPMNShape id="m" bpmnElement="more"><dc:Bounds x="1" y="1" width="90" height="60"/>'
                "</bpmndi:BPMNShape></bpmndi:BPMNPlane>"
            ),
        ),
    )
    edit(analyst, FORM, ('"required": true', '"required": false'))
    edit(analyst, f"policies/{SHORT}.csv", (f"p, county_officer, {SHORT}/rating_handler, work\n", ""))
    edit(analyst, f"workflows/scenarios/{SHORT}.yaml", ("差评属实", "差评确实"))
    page = html.fromstring(analyst.get(ADDRESS).text)
    assert (marked(page, "changed"), marked(page, "added"), marked(page, "moved")) == (
        {"review_exclusion"}, {"more"}, {"fix"},
    )  # fmt: skip
    told = " | ".join(lines(page))
    assert "复核评价" in told.replace(" ", "")
    assert "再看" in told
    assert "县级民政经办：" in told
    assert f"county_officer, {SHORT}/rating_handler, work" in told
    assert page.xpath("//del[contains(text(), '评价')]")
    links = page.xpath("//*[local-name()='a'][.//*[@data-element-id='review_exclusion']]/@href")
    assert len(links) == 1
    assert page.xpath(f"//li[@id='{links[0].removeprefix('#')}']")
    both = html.fromstring(analyst.get(f"{ADDRESS}?view=side").text)
    assert len(both.xpath("//*[local-name()='svg']")) == 2
    assert marked(html.fromstring(analyst.get(f"{ADDRESS}?before=draft&after=1").text), "removed") == {"more"}


def test_whole_files_come_and_go(analyst: Caller, draft: str) -> None:
    address = f"/studio/{SHORT}/file?path={FORM}"
    seen = analyst.get(address).headers["etag"]
    assert drop(analyst, address, **{"if-match": seen}).status_code == 200
    text = analyst.get(ADDRESS).text
    assert "整个文件被删除" in text or "was removed" in text
    assert FORM in text


def test_a_broken_draft_is_compared_as_text(analyst: Caller, draft: str) -> None:
    edit(analyst, BPMN, ("</bpmn:process>", "<bpmn:process>"))
    page = analyst.get(ADDRESS)
    assert page.status_code == 200
    assert "&lt;bpmn:process&gt;" in page.text


@pytest.mark.parametrize("wish", ["before=7", "after=draft", "before=x", "after=1&before=-1"])
def test_versions_that_there_are_not(analyst: Caller, wish: str) -> None:
    assert analyst.get(f"{ADDRESS}?{wish}").status_code == 404


def test_clerks_see_nothing(staff: People) -> None:
    assert staff("beiguan.window").get(ADDRESS).status_code == 404
