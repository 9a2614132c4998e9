"""Why a document or a notice could not be made."""

from __future__ import annotations

from engine.errors import EngineError

#: Codes of `DocumentRefused`, for catalogues: template-missing {template}, template-broken {template, line, reason},
#: template-outside {url}, field-missing {template, line, field}, value-wrong {template, line, reason},
#: glyph-missing {character, codepoint}, issuer-unknown {level, area}, article-unknown {article, on}, render-timeout {seconds}, render-crashed,
#: render-too-large, seal-failed {reason}.
TRANSIENT = frozenset({"render-timeout", "render-crashed", "seal-failed"})


class DocumentRefused(EngineError):
    """The document cannot be printed as its template and data stand; nothing was issued."""

    code = "document-refused"

    def __reduce__(self) -> tuple[object, ...]:
        """Travels between the press and its owner with code and values."""
        return _again, (self.code, self.values)

    @property
    def final(self) -> bool:
        """Whether trying again with the same template and data must fail again."""
        return self.code not in TRANSIENT


def _again(code: str, values: dict[str, object]) -> DocumentRefused:
    return DocumentRefused(code, **values)
