"""The execution core: a pure function over a marking of tokens.

Start with `step` (the vocabularies), then `definition` (the model), `state` (the marking), `run` (the function) and `walk`
(what one call works on). The rest is one page of BPMN each: `flows`, `gateways`, `activities`, `scopes`, `catching`,
`throwing`, `loops`, `undo`. What each construct does here, and why, is in `docs/bpmn.md`.
"""
