"""E-mail to a real server: only over TLS that can be believed, once, and with clear outcomes."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from engine.connectors.mail import PostOffice
from engine.effects import LaterError, Sent
from engine.settings import Settings
from tests.notices.post_office import PASSWORD, USER, certificates, running_post_office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.notices.post_office import Boxes

NOW = datetime(2026, 8, 3, 9, 30, tzinfo=UTC)
TEXT = "【民政救助】已收到张三丰的急难报告（办件140702MZ202608030001）。"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    return certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["starttls", "smtps"])
def way(request: pytest.FixtureRequest, tls: tuple[Path, Any]) -> Iterator[tuple[Boxes, PostOffice]]:
    first = request.param == "smtps"
    with running_post_office(tls[1], first=first) as boxes:
        yield boxes, office(boxes, tls[0], scheme="smtps" if first else "smtp")


def office(
    boxes: Boxes,
    root: Path | None,
    *,
    scheme: str = "smtp",
    user: str = f"{USER}:{PASSWORD.replace(' ', '%20')}@",
) -> PostOffice:
    settings = Settings(
        mail=f"{scheme}://{user}127.0.0.1:{boxes.port}",
        mail_from="banjian@example.org",
        mail_authority=str(root) if root else None,
    )
    found = PostOffice.of(settings)
    assert found is not None
    return found


def send(post: PostOffice, key: str = "140702MZ202608030001.4.0:email") -> Sent:
    return post.send(key, "zhang@example.com", "急难型临时救助 140702MZ202608030001", TEXT, NOW)


def refused(post: PostOffice) -> tuple[str, bool]:
    with pytest.raises(LaterError) as caught:
        send(post)
    return caught.value.code, caught.value.final


def test_a_letter_arrives_whole(way: tuple[Boxes, PostOffice]) -> None:
    boxes, post = way
    sent = send(post)
    assert (sent.channel, sent.recipient) == ("email", "zhang@example.com")
    [(to, letter)] = boxes.letters
    assert to == "zhang@example.com"
    assert letter["Subject"] == "急难型临时救助 140702MZ202608030001"
    assert letter["From"] == "banjian@example.org"
    assert letter.get_content().strip() == TEXT
    assert letter["Message-ID"] == "<140702MZ202608030001.4.0.email@example.org>" == sent.receipt
    assert letter["Auto-Submitted"] == "auto-generated"
    assert len(boxes.logins) == 1
    assert type(sent.receipt) is str


def test_a_repeated_letter_is_known_by_its_name(way: tuple[Boxes, PostOffice]) -> None:
    boxes, post = way
    boxes.answers = ["drop"]  # taken, and the line broke before it was said
    assert refused(post) in {("line-down", False), ("mail-misconfigured", False)}
    send(post)
    assert len({letter["Message-ID"] for _, letter in boxes.letters}) == 1


def test_later_and_never(way: tuple[Boxes, PostOffice]) -> None:
    boxes, post = way
    boxes.answers = ["451 try again", "552 too much"]
    assert refused(post) == ("mail-refused", False)
    assert refused(post) == ("mail-refused", True)
    boxes.recipients = ["450 busy", "550 no such box"]
    assert refused(post) == ("mail-refused", False)
    assert refused(post) == ("mail-refused", True)
    assert boxes.letters == []
    send(post)
    assert len(boxes.letters) == 1


def test_a_wrong_password_waits_for_the_administrator(tls: tuple[Path, Any]) -> None:
    with running_post_office(tls[1]) as boxes:
        assert refused(office(boxes, tls[0], user=f"{USER}:wrong@")) == ("mail-misconfigured", False)
        assert boxes.letters == []


def test_nothing_goes_in_the_clear(tls: tuple[Path, Any]) -> None:
    with running_post_office(None) as boxes:
        assert refused(office(boxes, tls[0]))[1] is False
        assert (boxes.letters, boxes.logins) == ([], [])


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_of_nobody_is_not_believed(tls: tuple[Path, Any], scheme: str) -> None:
    with running_post_office(tls[1], first=scheme == "smtps") as boxes:
        assert refused(office(boxes, None, scheme=scheme))[1] is False
        assert (boxes.letters, boxes.logins) == ([], [])


def test_a_certificate_for_another_name_is_not_believed(tmp_path: Path) -> None:
    root, wrong = certificates(tmp_path, host="127.0.0.2")
    with running_post_office(wrong) as boxes:
        assert refused(office(boxes, root))[1] is False
        assert boxes.letters == []


def test_nobody_at_home(tls: tuple[Path, Any]) -> None:
    with running_post_office(tls[1]) as boxes:
        pass
    assert refused(office(boxes, tls[0])) == ("line-down", False)


def test_a_subject_cannot_smuggle_a_header(way: tuple[Boxes, PostOffice]) -> None:
    boxes, post = way
    post.send("k", "zhang@example.com", "x\r\nBcc: evil@example.com", TEXT, NOW)
    [(to, letter)] = boxes.letters
    assert (to, letter["Bcc"], letter["Subject"]) == ("zhang@example.com", None, "x Bcc: evil@example.com")


def test_logs_name_nobody(way: tuple[Boxes, PostOffice], caplog: pytest.LogCaptureFixture) -> None:
    boxes, post = way
    boxes.answers = ["451 try again"]
    # Ours, not those of the server of this test.
    with caplog.at_level(logging.DEBUG, logger="engine"), caplog.at_level(logging.DEBUG, logger="banjian"):
        refused(post)
        send(post)
    ours = [
        record.getMessage() for record in caplog.records if record.name.split(".")[0] in ("engine", "banjian")
    ]
    assert not [line for line in ours if "zhang" in line or "张三丰" in line]


def test_settings_that_cannot_be() -> None:
    assert PostOffice.of(Settings()) is None
    for mail, sender in (("http://x", "a@b.c"), ("smtp://", "a@b.c"), ("smtp://mail", "nobody")):
        with pytest.raises(ValueError, match="BANJIAN_MAIL"):
            PostOffice.of(Settings(mail=mail, mail_from=sender))
