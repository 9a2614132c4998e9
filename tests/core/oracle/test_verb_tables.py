"""Every line of the tables of docs/verbs.md happens as it stands there, on the mover and on the oracle."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from tests.core.oracle.verb_tables import MODELS, SEQUENCE, TABLES, Both, table

LINES = [(verb, line) for verb, lines in TABLES.items() for line in lines]


@pytest.mark.parametrize(("verb", "line"), LINES, ids=[f"{v}-{x.verb}-{x.done}" for v, x in LINES])
def test_line(verb, line):
    both = Both(line.where)
    both.run(line.done)
    assert both.marking() == line.before
    refused = both.verb(line.verb)
    if refused is not None:
        assert refused == line.after
        assert both.marking() == line.before
        return
    assert both.marking() == line.after
    for name, marking in line.then:
        both.complete(name)
        assert both.marking() == marking


def test_every_verb_is_told_in_every_kind_of_model():
    shown = {verb: {line.where for line in lines} for verb, lines in TABLES.items()}
    kinds = {one for one in MODELS if "one after the other" not in one}
    for verb, places in shown.items():
        assert kinds <= places, f"{verb} lacks {kinds - places}"
    assert SEQUENCE in kinds


@pytest.mark.parametrize("verb", TABLES)
def test_the_page_shows_the_same(verb):
    assert table(TABLES[verb]) in (ROOT / "docs" / "verbs.md").read_text(), verb
