"""One printing house for all tests of documents, and templates to print."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.documents.jobs import Job, Page, Sealing
from engine.documents.press import Press

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
SHARED = {
    f"templates/_shared/{path.name}": path.read_bytes()
    for path in sorted((ROOT / "templates" / "_shared").iterdir())
    if path.is_file()
}
TOKEN = "K7Q2M9XW4RTB8HNCPDFG"
DOCUMENT = {
    "code": "t",
    "title": "临时救助决定书",
    "number": "榆民救字〔2026〕8号",
    "issued_on": date(2026, 11, 23),
    "issuer": "晋中市榆次区乌金山镇人民政府",
    "verify_url": f"https://banjian.example.cn/verify/{TOKEN}",
    "token": TOKEN,
    "layout": "notice",
    "sealed": True,
    "language": "zh-CN",
    "demonstration": True,
}
CASE = {"number": "140702MZ202611230001", "process": "t", "area": "140702100201"}
DATA: dict[str, Any] = {
    "applicant": {"name": "张三丰", "id_number": "142401199003079984"},
    "amount": Decimal("1409.50"),
    "on": date(2026, 11, 20),
    "note": None,
    "items": [{"what": "病历", "pages": Decimal(3)}],
}
NOTICE = """{% extends "_shared/notice.html" %}
{% block addressee %}<p class="to">{{ data.applicant.name }}：</p>{% endblock %}
{% block body %}<p>决定给予一次性临时救助金{{ parts.amount(data.amount) }}。</p>{% endblock %}"""


def make_job(
    template: str = NOTICE,
    *,
    files: dict[str, str] | None = None,
    sealing: Sealing | None = None,
    **changes: Any,
) -> Job:
    """A job over one template called t/t.html; `changes` go into data (or, as document=, into document)."""
    document = {**DOCUMENT, **changes.pop("document", {})}
    sources = {**SHARED, "templates/t/t.html": template.encode()}
    for name, text in (files or {}).items():
        sources[name] = text.encode()
    package = str(hash(tuple(sorted(sources.items()))))
    return Job(package, sources, Page("t/t.html", CASE, {**DATA, **changes}, document), sealing)


@pytest.fixture(scope="session")
def press(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Press]:
    """One printing process for the whole session."""
    law = ROOT / "policies" / "law" / "jinzhong"
    with Press(tmp_path_factory.mktemp("press"), law=law, timeout=120) as house:
        yield house


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the demonstration seal's keys."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
def sealing(keys: Path) -> Sealing:
    """How test papers are sealed."""
    return Sealing(f"file:{keys}", datetime(2026, 11, 23, 1, 30, tzinfo=UTC), DOCUMENT["issuer"], "test")


@pytest.fixture
def job() -> Callable[..., Job]:
    """`make_job`."""
    return make_job
