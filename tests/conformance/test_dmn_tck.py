"""Holds the TCK results: a case that passed once may not fail again."""

from __future__ import annotations

import pytest

from tests.conformance.dmn_tck import CORPUS, FAILURES, TARGETS, run


def known_failures() -> set[str]:
    lines = FAILURES.read_text(encoding="utf-8").splitlines()
    return {line.split("  ")[0] for line in lines if line and not line.startswith("#")}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpora are not beside this checkout")
@pytest.mark.parametrize("level", sorted(TARGETS))
def test_no_case_is_lost(level: str) -> None:
    results = list(run([CORPUS / level]))
    assert results, "the corpus is empty"
    failed = {one.key: f"{one.reason}; {one.detail}" for one in results if not one.passed}
    lost = {key: reason for key, reason in failed.items() if key not in known_failures()}
    assert not lost, lost


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpora are not beside this checkout")
def test_the_list_of_failures_only_names_cases_that_are_there() -> None:
    keys = {one.key for one in run([CORPUS]) if not one.passed}
    assert known_failures() <= keys, "these pass now: take them off the list"
