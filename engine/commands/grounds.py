"""What a refusal stands on: nobody is refused anything without a reason and an article of law.

Answers of a form may carry the reserved key `articles` (ids) beside its questions. Where an answer that refuses is chosen
(`"refuses": true` at the option), they count; without them, those that the model names for the step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import FieldError, FormInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.core.definition import Definition
    from engine.forms import Form

ARTICLES = "articles"


def apart(form: Form, data: Mapping[str, Any]) -> tuple[Mapping[str, Any], Any]:
    """The answers without the reserved key, and what stood under it; a form's own question of that name is untouched."""
    if ARTICLES not in data or ARTICLES in form.keys:
        return data, None
    return {key: value for key, value in data.items() if key != ARTICLES}, data[ARTICLES]


def with_grounds(
    definition: Definition, element: str, form: Form, clean: dict[str, Any], articles: Any
) -> dict[str, Any]:
    """The answers, with the articles if something is refused; FormInvalid if reason or article is missing."""
    if ARTICLES in form.keys or not form.refuses(clean):
        return clean
    faults = []
    reasons = [field.key for field in form.fields() if field.type == "longtext" and not field.readonly]
    if not any(str(_at(clean, key) or "").strip() for key in reasons):
        faults.append(FieldError(reasons[0] if reasons else "reason", "refusal-without-reason"))
    usual = definition.nodes[element].settings.law
    chosen = [str(one) for one in articles] if isinstance(articles, list | tuple) else []
    known = {one for node in definition.nodes.values() for one in node.settings.law}
    if not (chosen or usual):
        faults.append(FieldError(ARTICLES, "refusal-without-article"))
    elif set(chosen) - known:
        faults.append(FieldError(ARTICLES, "article-unknown"))
    if faults:
        raise FormInvalid(tuple(faults))
    return {**clean, ARTICLES: chosen or list(usual)}


def _at(data: Any, key: str) -> Any:
    for part in key.split("."):
        data = data.get(part) if hasattr(data, "get") else None
    return data
