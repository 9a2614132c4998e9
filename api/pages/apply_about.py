"""The first step of every application: where it belongs, who fills it in for whom, and the phone to go on with."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from api.applications import current
from api.pages import posts
from api.pages.apply_steps import PLACE
from api.posted import Given
from api.shapes import area_name
from api.titles import process_title
from engine.commands.helpers import CONSENTS, RELATIONS
from engine.commands.representation import GUARDIAN
from engine.queries.accounts import own_representations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.frame import Asked
    from engine.forms import Form
    from engine.queries import DraftView
    from engine.queries.accounts import Representation

_PHONE = re.compile(r"1[3-9]\d{9}")
_OF_AGE = 18
_HELPER = ("name", "relation", "consent", "phone", "unit", "account")


def read_about(asked: Asked, given: Given) -> tuple[dict[str, Any], dict[str, str]]:
    """Area, phone and helper as posted, and what is wrong with them by field."""
    area = posts.first(given, "area")
    phone = re.sub(r"[\s-]", "", posts.first(given, "phone"))
    about: dict[str, Any] = {"area": area, "phone": phone or None, "helper": None}
    faults: dict[str, str] = {}
    if asked.office.law.area(area, asked.today) is None:
        faults["area"] = asked.say("field.area-wrong")
    if phone and not _PHONE.fullmatch(phone):
        faults["phone"] = asked.say("field.phone-wrong")
    if posts.first(given, "helping") == "yes":
        helper = {name: posts.first(given, f"helper-{name}").strip()[:60] for name in _HELPER}
        if helper["account"]:
            helper |= _by_representation(asked, helper)
        about["helper"] = {name: value for name, value in helper.items() if value}
        faults |= _helper_faults(asked, helper)
    return about, faults


def represented(asked: Asked) -> list[Representation]:
    """The people whose affairs the asker conducts today."""
    if not asked.actor.represents:
        return []
    today = asked.today
    told = own_representations(asked.office.store, asked.actor, today)
    return [
        one
        for one in told
        if one.representative == asked.actor.id and one.represented in asked.actor.represents
    ]


def _by_representation(asked: Asked, helper: Mapping[str, str]) -> dict[str, str]:
    """Who acts for somebody lastingly need not say again who they are and by what right."""
    found = next((one for one in represented(asked) if one.represented == helper["account"]), None)
    if found is None:
        return {"account": ""}
    relation, consent = ("guardian", "by-law") if found.kind == GUARDIAN else ("other", "written")
    return {
        "name": helper["name"] or asked.actor.name,
        "relation": helper["relation"] or relation,
        "consent": helper["consent"] or consent,
    }


def _helper_faults(asked: Asked, helper: Mapping[str, str]) -> dict[str, str]:
    faults = {
        f"helper-{name}": asked.say("field.required")
        for name in ("name", "relation", "consent")
        if not helper[name]
    }
    if helper["relation"] and helper["relation"] not in RELATIONS:
        faults["helper-relation"] = asked.say("field.not-an-option")
    by_law = helper["consent"] == "by-law" and helper["relation"] != "guardian"
    if helper["consent"] and (helper["consent"] not in CONSENTS or by_law):
        faults["helper-consent"] = asked.say("apply.helper-consent-wrong")
    if helper["phone"] and not _PHONE.fullmatch(helper["phone"]):
        faults["helper-phone"] = asked.say("field.phone-wrong")
    return faults


def about_page(
    asked: Asked,
    process: str,
    form: Form,
    view: DraftView | None,
    about: Mapping[str, Any],
    *,
    faults: Mapping[str, str] = {},
    command: str = "",
) -> dict[str, Any]:
    """What the page of the first step needs; without a draft yet, or over the one that there is."""
    row = view.row if view is not None else None
    known: dict[str, Any] = {"area": "", "phone": None, "helper": None}
    if view is not None and row is not None:
        known = {"area": row.area or "", "phone": row.phone, "helper": view.helper}
    known |= about
    wish = asked.request.query_params.get("helper", "")
    asks_helper = wish == "1" or (known["helper"] is not None and wish != "0")
    labels = {"area": "apply.area", "phone": "apply.phone"}
    errors = [
        {"label": asked.say(labels.get(name, f"apply.{name}")), "sentence": sentence, "anchor": name}
        for name, sentence in faults.items()
    ]
    base = f"/apply/{process}/{row.id}" if row is not None else f"/apply/{process}"
    return {
        "process": process,
        "name": process_title(asked, current(asked, process)),
        "form": form,
        "action": f"{base}/{PLACE}" if row is not None else base,
        "base": base,
        "draft": row is not None,
        "area": known["area"],
        "place": area_name(asked.office.law, known["area"], asked.today) if known["area"] else "",
        "phone": known["phone"] or "",
        "helper": known["helper"] or ({"name": asked.actor.name} if asked.actor.represents else {}),
        "helping": asks_helper,
        "represented": represented(asked) if asks_helper else [],
        "relations": RELATIONS,
        "consents": CONSENTS,
        "faults": dict(faults),
        "errors": errors,
        "command": command or posts.fresh(),
        "seen": row.revision if row is not None else 0,
        "words": asked.request.query_params.get("words", "")[:300],
        "back_to": "check" if asked.request.query_params.get("back") == "check" else "",
        "minor": is_minor(form, view.answers if view is not None else {}, asked.today),
    }


def is_minor(form: Form, answers: Mapping[str, Any], today: date) -> bool:
    """Whether the applicant's identity number says that the applicant is not of age."""
    keys = [field.key for field in form.fields() if field.type == "id_number" and "applicant" in field.key]
    for key in keys:
        text = str(answers.get(key) or "")
        try:
            born = date.fromisoformat(f"{text[6:10]}-{text[10:12]}-{text[12:14]}")
        except ValueError:
            continue
        years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        return years < _OF_AGE
    return False
