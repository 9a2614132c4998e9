"""What carries notices and letters: writing a notice from the package's template, and the lines that bring texts to people.

Nobody waits for a notice; the case has long gone on. The text is always kept (`commands.notices`), so that an applicant
without telephone finds it in the own account and an office can show what was said when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.codes import code_of, key_of
from engine.commands.codes import KIND as CODE
from engine.connectors.mail import EMAIL, PostOffice
from engine.connectors.sms import SMS, gateway, send_text
from engine.documents.jobs import Job, Page
from engine.documents.press import house
from engine.documents.refusal import DocumentRefused
from engine.effects import LaterError, Sent
from engine.errors import NotFound

if TYPE_CHECKING:
    from engine.connectors.sms import Gateway
    from engine.effects import Effects, Handler, Message, Register
    from engine.settings import Settings

#: Longest text that is sent; a longer one is a mistake in the template.
LIMIT = 1000
_CODE_TEXT = {
    "zh": "【办件】登录验证码 {code}，{minutes}分钟内有效。工作人员不会向您索要验证码，请勿告诉任何人。",
    "en": "[Banjian] Your sign-in code is {code}, good for {minutes} minutes. No official will ever ask you for it.",
}


def notice_handler(settings: Settings) -> Handler:
    """The handler of outbox kind `notice`: the text in Chinese, and in English where the package has it."""

    def handle(message: Message, effects: Effects, /) -> Sent:
        text = write_notice(settings, message, effects)
        english = write_notice(settings, message, effects, "en")
        return Sent(
            "inbox",
            str(message.case.get("applicant") or ""),
            text or "",
            translations={"en": english} if english else {},
        )

    return handle


def line_handlers(settings: Settings) -> Register:
    """The handlers of letters: `sms` and `code` where there is a gateway, `email` where there is a post office."""
    found: Register = {}
    line, office = gateway(settings), PostOffice.of(settings)
    if line is not None:
        found[SMS] = _texting(line)
        found[CODE] = _coding(line, settings)
    if office is not None:
        found[EMAIL] = _mailing(office)
    return found


def write_notice(settings: Settings, message: Message, effects: Effects, language: str = "") -> str | None:
    """The text of templates/<process>/notice-<event>[.en].txt, else of templates/_shared/; LaterError when it cannot be made.

    None where there is no text in that language; Chinese there must be.
    """
    package = effects.packages.at(message.package)
    process, event = str(message.case["process"]), str(message.name)
    end = f".{language}.txt" if language else ".txt"
    own, common = f"{process}/notice-{event}{end}", f"_shared/notice-{event}{end}"
    template = own if f"templates/{own}" in package.files else common
    if language and f"templates/{template}" not in package.files:
        return None
    document = {
        "code": event,
        "issued_on": message.asked_at.astimezone(settings.zone).date(),
        "url": f"{settings.base_url}/cases/{message.case['number']}",
        "language": language or "zh-CN",
    }
    try:
        done = house(settings).work(
            Job(message.package, package.files, Page(template, message.case, message.input, document))
        )
    except (DocumentRefused, NotFound) as refused:
        final = refused.final if isinstance(refused, DocumentRefused) else True
        raise LaterError(refused.code, final=final, **refused.values) from refused
    text = done.content.decode()
    if len(text) > LIMIT:
        raise LaterError("notice-too-long", final=True, length=len(text), limit=LIMIT)
    return text


def _texting(line: Gateway) -> Handler:
    def handle(message: Message, _effects: Effects, /) -> Sent:
        given = message.input
        return send_text(line, message.id, str(given["to"]), str(given["text"]))

    return handle


def _mailing(office: PostOffice) -> Handler:
    def handle(message: Message, _effects: Effects, /) -> Sent:
        given = message.input
        return office.send(
            message.id, str(given["to"]), str(given["subject"]), str(given["text"]), message.asked_at
        )

    return handle


def _coding(line: Gateway, settings: Settings) -> Handler:
    def handle(message: Message, effects: Effects, /) -> Sent:
        given = message.input
        left = given["until"] - effects.now()
        if left.total_seconds() <= 0:
            raise LaterError("code-over", final=True)
        code = code_of(key_of(settings.data / "keys"), str(given["name"]))
        minutes = round((given["until"] - message.asked_at).total_seconds() / 60)
        text = _CODE_TEXT["en" if given.get("language") == "en" else "zh"].format(code=code, minutes=minutes)
        return send_text(line, message.id, str(given["to"]), text)

    return handle
