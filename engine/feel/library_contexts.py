"""Built-in functions on contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.feel.library import builtin

if TYPE_CHECKING:
    from engine.feel.budget import Run


@builtin("get value", "m: context, key: string")
def get_value(run: Run, context: dict[str, Any], key: str) -> Any:
    """The entry of a context."""
    if key not in context:
        run.warn("unknown-entry", name=key)
    return context.get(key)


@builtin("get value", "m: context, keys: list")
def get_deep_value(run: Run, context: dict[str, Any], keys: list[Any]) -> Any:
    """The entry of nested contexts along a list of keys."""
    value: Any = context
    for key in keys:
        run.tick()
        if not isinstance(value, dict) or not isinstance(key, str):
            return None
        value = value.get(key)
    return value


@builtin("get entries", "m: context")
def get_entries(run: Run, context: dict[str, Any]) -> list[Any]:
    """The entries of a context as contexts of key and value."""
    run.grow(3 * len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries: list")
def context_of(run: Run, entries: list[Any]) -> dict[str, Any] | None:
    """A context of a list of contexts with key and value."""
    run.grow(len(entries))
    result: dict[str, Any] = {}
    for entry in entries:
        key = entry.get("key") if isinstance(entry, dict) else None
        if not isinstance(key, str) or "value" not in entry or key in result:
            run.warn("invalid-argument", name="context", reason="entries")
            return None
        result[key] = entry["value"]
    return result


@builtin("context put", "context: context, key: string, value: any?")
def context_put(run: Run, context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    """A context with one entry set."""
    run.grow(len(context) + 1)
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: any?")
def context_put_deep(run: Run, context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any] | None:
    """A context with one entry of nested contexts set; null when one on the way is missing."""
    if not keys or not all(isinstance(key, str) for key in keys):
        run.warn("invalid-argument", name="context put", reason="keys")
        return None
    levels = [context]
    for key in keys[:-1]:
        inner = levels[-1].get(key)
        if not isinstance(inner, dict):
            run.warn("invalid-argument", name="context put", reason="keys")
            return None
        levels.append(inner)
    for level, key in zip(reversed(levels), reversed(keys), strict=True):
        run.grow(len(level) + 1)
        value = {**level, key: value}
    return value  # type: ignore[no-any-return]


@builtin("context merge", "contexts: list")
def context_merge(run: Run, contexts: list[Any]) -> dict[str, Any] | None:
    """Contexts joined to one; later entries win."""
    result: dict[str, Any] = {}
    for context in contexts:
        if not isinstance(context, dict):
            run.warn("invalid-argument", name="context merge", reason="contexts")
            return None
        run.grow(len(context))
        result.update(context)
    return result
