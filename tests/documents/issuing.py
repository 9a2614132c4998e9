"""A small office that issues real certificates: real press, real keys, real vault, over the real bus."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.documents.handler import document_handler
from engine.documents.register import StoreRegister
from engine.documents.vault import FolderVault
from engine.settings import ROOT, Settings
from tests.documents.conftest import SHARED
from tests.engine.models import ends, model, package, task
from tests.engine.small import Small, form, open_small, person

if TYPE_CHECKING:
    from pathlib import Path

    from engine.access import Actor
    from engine.package import Package

CERTIFICATE = """{% extends "_shared/certificate.html" %}
{% block body %}<p>兹证明{{ data.name }}自{{ document.issued_on | date_zh }}起享受最低生活保障待遇，每月
{{ parts.amount(data.amount) }}。</p>{% endblock %}"""
SIDECAR = {
    "title": {"zh": "最低生活保障证", "en": "Certificate of minimum living allowance"},
    "number": "榆民低保证字〔{year}〕{n}号",
    "layout": "certificate",
    "public": ["name", "amount"],
    "issuer": "county",
    "valid_until": "until",
}
RULES = """p, signed-in, allowance, start
p, clerk, allowance, see
p, clerk, allowance, reprint
p, leader, allowance, see
p, leader, allowance, revoke
p, leader, allowance, archive
p, clerk, allowance/clerk, work
"""


def allowance() -> Package:
    """decide (clerk) -> a certificate -> end."""
    elements = ends() + task("userTask", "decide")
    elements += task(
        "serviceTask",
        "certify",
        document="card",
        result="card",
        input="={name: name, amount: amount, until: until}",
    )
    bpmn = model("allowance", {"clerk": "decide"}, elements, "begin>decide decide>certify certify>done")
    forms = {
        "start": form("start", {"key": "name", "type": "text", "required": True}),
        "decide": form(
            "decide",
            {"key": "amount", "type": "money", "required": True},
            {"key": "until", "type": "date"},
        ),
    }
    files = {
        "templates/allowance/card.html": CERTIFICATE.encode(),
        "templates/allowance/card.json": json.dumps(SIDECAR).encode(),
        **SHARED,
    }
    return package("allowance", bpmn, RULES, forms, **files)


@dataclass
class Issuing:
    """The office; stands in for `engine.office.Office` where only these parts are looked at."""

    small: Small
    settings: Settings
    vault: FolderVault
    law: Any = None
    calendar: Any = None

    @property
    def bus(self) -> Any:
        return self.small.bus

    @property
    def store(self) -> Any:
        return self.small.bus.store

    @property
    def versions(self) -> Any:
        return self.small.bus.office.packages

    @property
    def register(self) -> StoreRegister:
        return StoreRegister(self.store)

    @property
    def clerk(self) -> Actor:
        return person("cora")

    @property
    def leader(self) -> Actor:
        return person("lea", "leader")

    def ask(self, name: str, amount: str = "605.00", until: str | None = None) -> str:
        """Decide a case, so that its certificate is asked for; the case's number."""
        case = self.small.submit("allowance", {"name": name})
        self.small.work(case["opened"][0], self.clerk, {"amount": amount, "until": until})
        return str(case["case"])

    def issue(self, name: str, amount: str = "605.00", until: str | None = None) -> str:
        """Issue one certificate; the document's id."""
        case = self.ask(name, amount, until)
        self.small.carrier.drain()
        return str(self.document(case)["id"])

    def document(self, case: str) -> dict[str, Any]:
        names = ("id", "number", "token", "sha256", "state", "signed_by")
        rows = self.small.rows(f"SELECT {', '.join(names)} FROM document WHERE case_id = ?", case)
        assert len(rows) == 1, self.small.rows("SELECT code, detail FROM incident")
        return dict(zip(names, rows[0], strict=True))

    def facts(self, document: str) -> dict[str, Any]:
        return self.document(self.small.rows("SELECT case_id FROM document WHERE id = ?", document)[0][0])


def open_issuing(url: str, folder: Path) -> Issuing:
    """An office below `folder`; its press is the installation's own."""
    settings = Settings(root=ROOT, data=folder, public_url="https://banjian.example.cn")
    vault = FolderVault(folder / "vault", durable=False)
    small = open_small(url, allowance(), handlers={"document": document_handler(settings, vault)})
    return Issuing(small, settings, vault)
