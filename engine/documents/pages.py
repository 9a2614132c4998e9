"""From a template and data to HTML or text, with whatever is wrong named: template, line, field, character."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from html import escape as escape_html
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from engine.documents.refusal import DocumentRefused
from engine.documents.sandbox import PREFIX, Facts, NullPrinted, Sandbox

if TYPE_CHECKING:
    from engine.documents.fonts import Fonts
    from engine.documents.jobs import Job, Page


#: A page that lacks more than this is no page of this template.
_MOST_GAPS = 200


def _line(error: BaseException, template: str) -> tuple[str, int]:
    """The innermost template line that the error came through; Jinja rewrites tracebacks to template lines."""
    at = (template, 0)
    trace = error.__traceback__
    while trace is not None:
        if "__jinja_exception__" in trace.tb_frame.f_globals:
            at = (trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    return at


def fill(sandbox: Sandbox, page: Page) -> str:
    """The page as HTML (or text, for a .txt template). DocumentRefused names template, line and field."""
    context = {
        "case": Facts("case", page.case),
        "data": Facts("data", page.data),
        "document": Facts("document", page.document),
    }
    try:
        return sandbox.get_template(page.template).render(context)
    except TemplateNotFound as error:
        raise DocumentRefused("template-missing", template=str(error.name)) from error
    except TemplateSyntaxError as error:
        raise DocumentRefused(
            "template-broken",
            template=error.name or page.template,
            line=error.lineno,
            reason=error.message or "",
        ) from error
    except UndefinedError as error:
        raise _at("field-missing", error, page, field=error.message or "") from error
    except NullPrinted as error:
        raise _at("field-missing", error, page, field="") from error
    except DocumentRefused as error:
        raise _at(error.code, error, page, **error.values) from error
    except SecurityError as error:
        raise _at("template-broken", error, page, reason=error.message or "") from error
    except (
        TemplateError,
        TypeError,
        ValueError,
        ArithmeticError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        raise _at("value-wrong", error, page, reason=str(error)) from error


def fill_marked(sandbox: Sandbox, page: Page) -> tuple[str, tuple[str, ...]]:
    """The page with every field that stops it marked by its name, and those names; other faults are refused as ever."""
    gaps: dict[str, None] = {}
    try:
        while True:
            sandbox.gaps = frozenset(gaps)
            try:
                return fill(sandbox, page), tuple(gaps)
            except DocumentRefused as refused:
                field = str(refused.values.get("field", ""))
                if refused.code != "field-missing" or field in gaps or not field or len(gaps) >= _MOST_GAPS:
                    raise
                gaps[field] = None
    finally:
        sandbox.gaps = frozenset()


def _at(code: str, error: BaseException, page: Page, **values: Any) -> DocumentRefused:
    template, line = _line(error, page.template)
    return DocumentRefused(code, template=template, line=line, **values)


def with_translation(sandbox: Sandbox, job: Job, text: str) -> str:
    """The page with its translation behind it, where the template has one (`<document>.en.html`).

    Both are filled; of the translation only its <main> is taken. It bears no seal and no codes: the Chinese text is the
    document.
    """
    companion = f"{job.page.template.removesuffix('.html')}.en.html"
    title = job.page.document.get("title_en")
    if not job.page.template.endswith(".html") or f"{PREFIX}{companion}" not in job.files or not title:
        return text
    changes = {"language": "en", "title": title, "sealed": False, "unsealed": False, "translation": True}
    document = {name: value for name, value in {**job.page.document, **changes}.items() if name != "offline"}
    english = fill(sandbox, replace(job.page, template=companion, document=document))
    main = english[english.index("<main>") : english.rindex("</main>") + len("</main>")]
    body = f'<div class="en translation" lang="en">{main}</div>'
    at = text.rindex("</body>")
    return f"{text[:at]}{body}{text[at:]}"


@lru_cache(maxsize=64)
def _split(html: str) -> tuple[str, ...]:
    return tuple(
        re.split(r"(<(?:style|title|svg)\b.*?</(?:style|title|svg)>|<[^>]*>)", html, flags=re.DOTALL)
    )


def whole_names(html: str, page: Page, fonts: Fonts) -> str:
    """Set each short text of the data that holds a rare character in one face, wherever it is printed."""
    rare = {
        text: family
        for text in _texts((page.case, page.data))
        if len(text) <= 40 and (family := fonts.one_face(text)) is not None
    }
    if not rare:
        return html
    pattern = re.compile(
        "|".join(re.escape(escape_html(text)) for text in sorted(rare, key=lambda t: (-len(t), t)))
    )
    faces = {escape_html(text): family for text, family in rare.items()}
    return "".join(
        part
        if place % 2
        else pattern.sub(lambda hit: f"<span style=\"font-family:'{faces[hit[0]]}'\">{hit[0]}</span>", part)
        for place, part in enumerate(_split(html))
    )


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _texts(item)]
    return []
