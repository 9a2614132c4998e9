"""Forms as ordered field lists: read, validated here and nowhere else, published as JSON Schema.

The HTML of a form is made by `api/ui/pages/_fields.html` from the same structs, so screen and check cannot differ.
"""

from engine.forms.model import Field, Form, Option, Section
from engine.forms.read import read_form
from engine.forms.schema import json_schema
from engine.forms.validate import about, prefill, put, validate, visible

__all__ = [
    "Field",
    "Form",
    "Option",
    "Section",
    "about",
    "json_schema",
    "prefill",
    "put",
    "read_form",
    "validate",
    "visible",
]
