"""What the throughput bench completes: a process of two tasks, the first with a form of 2 KB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.small import RULES, Small, ends, form, model, open_small, package, person, task

if TYPE_CHECKING:
    from engine.package import Package

AREA = "140702001"
#: A clerk of the whole city.
WIDE = person("bob", area="1407")
#: About 2 KB of answers in twelve fields.
FIELDS = 12
ANSWERS = {f"field_{number}": f"{number}: " + "临时救助申请材料核对无误" * 4 for number in range(FIELDS)}


def sheet() -> Package:
    """Two tasks in a row; the first has a 2 KB form."""
    elements = ends() + task("userTask", "check", deadline="=now() + duration(&quot;P5D&quot;)")
    elements += task("userTask", "confirm", separate_from="check")
    bpmn = model(
        "sheet",
        {"clerk": "check", "leader": "confirm"},
        elements,
        "begin>check check>confirm confirm>done",
    )
    fields = [{"key": key, "type": "longtext", "required": True} for key in ANSWERS]
    return package("sheet", bpmn, RULES.format("sheet"), {"check": form("check", *fields)})


def open_office(url: str, size: int) -> Small:
    """An office of the shell's parts only."""
    return open_small(url, sheet(), size=size)
