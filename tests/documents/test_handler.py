"""The outbox handlers of documents and notices: from a message to bytes in the vault, harmless the second time."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from engine.documents import handler as handler_module
from engine.documents.handler import document_handler
from engine.documents.issuers import issuer_name, read_areas
from engine.documents.pades import read_trust
from engine.documents.refusal import DocumentRefused
from engine.documents.seals import check_seal
from engine.documents.sidecar import Fact, Sidecar, public_facts
from engine.documents.vault import FolderVault
from engine.documents.verify import file_tokens
from engine.effects import Effects, LaterError, Message, Sent
from engine.errors import VaultFull
from engine.notices import line_handlers, notice_handler
from engine.settings import ROOT, Settings
from tests.bank import running_bank
from tests.documents.conftest import CASE, DATA, NOTICE, SHARED, TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.documents.press import Press
    from engine.package import Package
    from engine.store.session import Reader

SIDECAR: dict[str, Any] = {
    "title": {"zh": "临时救助决定书", "en": "Decision on temporary assistance"},
    "number": "晋中民救字〔{year}〕{n}号",
    "layout": "notice",
    "public": ["applicant.name", "amount", "note"],
    "issuer": "town",
    "sealed": True,
}


@dataclass
class Files:
    """A package as far as handlers look at it."""

    files: Mapping[str, bytes]

    def at(self, digest: str, reader: Reader | None = None) -> Package:
        return self  # type: ignore[return-value]


def effects_over(sidecar: dict[str, Any] | None = None, **texts: str) -> Effects:
    files = {
        **SHARED,
        "templates/t/paper.html": NOTICE.encode(),
        "templates/t/paper.json": json.dumps(sidecar or SIDECAR).encode(),
        **{f"templates/t/{name.replace('_', '-')}.txt": text.encode() for name, text in texts.items()},
    }
    return Effects(Files(files), now=lambda: datetime(2030, 1, 1, tzinfo=UTC))


def message_for(name: str, kind: str = "document", **changes: Any) -> Message:
    message = Message(
        id="140702MZ202611230001:12",
        kind=kind,
        name=name,
        element="issue",
        package=str(changes.pop("package", "p")),
        case={**CASE, "applicant": "wang", "channel": "window", "submitted_at": None},
        input=DATA,
        asked_at=datetime(2026, 11, 22, 16, 30, 5, tzinfo=UTC),
        tries=1,
        number="晋中民救字〔2026〕8号",
        token=TOKEN,
    )
    return replace(message, **changes)


@pytest.fixture
def settings(tmp_path: Path, press: Press, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation that prints on the session's press."""
    monkeypatch.setattr(handler_module, "house", lambda _: press)
    monkeypatch.setattr("engine.notices.house", lambda _: press)
    return Settings(data=tmp_path, public_url="https://banjian.example.cn/")


def test_a_document_is_issued(settings: Settings) -> None:
    vault = FolderVault(settings.data / "vault")
    handle = document_handler(settings, vault)
    issued = handle(message_for("paper"), effects_over())
    content = vault.get(issued.sha256)
    assert issued.size == len(content)
    assert issued.issued_on == date(2026, 11, 23), "the day in China"
    assert issued.title == SIDECAR["title"]
    assert issued.public == {
        "issuer": "晋中市榆次区乌金山镇人民政府",
        "applicant.name": "张**",
        "amount": Decimal("1409.50"),
    }
    assert list(file_tokens(content)) == [TOKEN]
    seal = check_seal(content, read_trust(settings.data / "keys"))
    assert seal.good
    assert seal.signed_at == datetime(2026, 11, 22, 16, 30, 5, tzinfo=UTC)
    again = handle(message_for("paper", tries=2), effects_over())
    assert again == issued
    assert list(vault.names()) == [issued.sha256]


def test_outside_the_demonstration_nothing_is_sealed_by_a_demonstration_seal(settings: Settings) -> None:
    vault = FolderVault(settings.data / "vault")
    issued = document_handler(replace(settings, demonstration=False), vault)(
        message_for("paper"), effects_over()
    )
    assert issued.signed_by is None
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(vault.get(issued.sha256))).pages)
    assert "打印件，待签章" in text
    assert "演示" not in text


@pytest.mark.parametrize(
    ("changes", "sidecar", "code", "final"),
    [
        ({"name": "absent"}, None, "template-missing", True),
        ({"input": {**DATA, "amount": None}}, None, "field-missing", True),
        ({"input": {**DATA, "applicant": {"name": "张\ue000"}}}, None, "glyph-missing", True),
        ({"case": {**CASE, "area": "999999999"}}, None, "issuer-unknown", True),
        ({}, {"title": {"zh": "x"}, "layuot": "notice"}, "template-broken", True),
        ({}, {"title": {"en": "x"}}, "template-broken", True),
    ],
)
def test_what_cannot_be_issued_says_why(
    settings: Settings, changes: dict[str, Any], sidecar: dict[str, Any] | None, code: str, *, final: bool
) -> None:
    handle = document_handler(settings, FolderVault(settings.data / "vault"))
    with pytest.raises(LaterError) as caught:
        handle(message_for(changes.pop("name", "paper"), **changes), effects_over(sidecar))
    assert (caught.value.code, caught.value.final) == (code, final)


def test_a_full_vault_is_tried_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = FolderVault(settings.data / "vault")

    def full(_: bytes) -> str:
        raise VaultFull(size=1)

    handle = document_handler(settings, vault)
    with monkeypatch.context() as patch:
        patch.setattr(vault, "put", full)
        with pytest.raises(LaterError) as caught:
            handle(message_for("paper"), effects_over())
    assert (caught.value.code, caught.value.final) == ("vault-full", False)
    assert vault.holds(handle(message_for("paper"), effects_over()).sha256)


def test_public_facts_are_masked_by_their_own_word() -> None:
    data = {
        "applicant": {"name": "欧阳锋", "id_number": "142401199003079984", "phone": "13812345678"},
        "payee_account": "6222020100012341234",
        "kind": "急难",
        "members": [{"name": "x"}],
        "home": "某村",
    }
    sidecar = Sidecar(
        title={"zh": "x"},
        public=(
            "applicant.name",
            "applicant.id_number",
            "applicant.phone",
            "payee_account",
            "kind",
            "members",
            "absent.deep",
            Fact("home", "hidden"),
            Fact("applicant.name", "minor"),
        ),
    )
    assert public_facts(sidecar, data) == {
        "applicant.name": "欧*",
        "applicant.id_number": "142401********9984",
        "applicant.phone": "138****5678",
        "payee_account": "6222 **** **** 1234",
        "kind": "急难",
        "home": "***",
    }


@pytest.mark.parametrize(
    ("level", "area", "name"),
    [
        ("town", "140702100201", "晋中市榆次区乌金山镇人民政府"),
        ("town", "140702001001", "晋中市榆次区北关街道办事处"),
        ("county", "140702100", "晋中市榆次区民政局"),
        ("county", "140728100", "平遥县民政局"),
        ("county", "140781001001", "介休市民政局"),
        ("city", "140702100201", "晋中市民政局"),
        ("province", "140702", "山西省民政厅"),
        ("village", "140702100201", "晋中市榆次区乌金山镇乌金山村民委员会"),
        ("village", "140702001001", "晋中市榆次区北关街道锦纶社区居民委员会"),
    ],
)
def test_names_of_issuers(level: str, area: str, name: str) -> None:
    assert issuer_name(read_areas(ROOT, "jinzhong"), level, area, date(2026, 11, 23)) == name


def test_an_area_of_another_time_has_no_issuer() -> None:
    areas = read_areas(ROOT, "jinzhong")
    assert issuer_name(areas, "county", "140726", date(2019, 12, 29)) == "太谷县民政局"
    with pytest.raises(DocumentRefused, match="issuer-unknown"):
        issuer_name(areas, "county", "140726", date(2026, 11, 23))


def test_a_notice_without_a_line_stays_in_the_inbox(settings: Settings) -> None:
    effects = effects_over(
        notice_paid="{{ data.applicant.name }}，救助金 {{ data.amount | money }} 元已发放。"
    )
    sent = notice_handler(settings)(message_for("paid", "notice", package="n1"), effects)
    assert sent == Sent("inbox", "wang", "张三丰，救助金 1,409.50 元已发放。")


def test_a_letter_goes_out_over_the_line_once(settings: Settings, tmp_path: Path) -> None:
    with running_bank(tmp_path / "sms.sqlite3") as line:
        wired = replace(settings, connectors={"sms": f"{line.url}/messages"})
        told = message_for("", "sms", input={"to": "13812345678", "text": "已发放。"})
        for _ in range(2):
            sent = line_handlers(wired)["sms"](told, effects_over())
            assert (sent.channel, sent.recipient, sent.text) == ("sms", "13812345678", "已发放。")
            assert sent.receipt is not None
        assert line.messages() == [{"key": told.id, "to": "13812345678", "text": "已发放。"}]


@pytest.mark.parametrize(
    ("text", "code"),
    [("{{ data.gone }}", "field-missing"), ("字" * 1001, "notice-too-long"), (None, "template-missing")],
)
def test_a_notice_that_cannot_be_written(settings: Settings, text: str | None, code: str) -> None:
    effects = effects_over(**({"notice_paid": text} if text else {}))
    with pytest.raises(LaterError) as caught:
        notice_handler(settings)(message_for("paid", "notice", package=f"n-{code}"), effects)
    assert (caught.value.code, caught.value.final) == (code, True)
