"""Banjian's engine: from a BPMN file to a committed case.

A **command** (who wants what, with an id) goes to `bus`, which allows it (`access`), finds the case, and calls its
handler in `commands`. The handler asks the pure core (`core.run.step`: definition, state, input, now -> state, events);
`record` turns the events into rows (tasks, timers, journal, outbox) and the bus commits them at once, or not at all.
What must leave the building lies in the outbox: `relay` (one machine) or `worker` (Celery) carries it out, and every
effect comes back as a command through the same bus.

Reading: `queries`; what is about cases is asked by an actor. Files of a process: `package`, `forms`, `lint`, `scenarios`,
`table_rows` (test rows of decision tables); `names` what they give a value to, `fitting` what a part brings with it;
`compare` says what differs between two versions, `replay` what decided cases would have come to under another; `rights`
who may do what in a process, and why.

Making processes: `drafts` (file by file, nothing lost), `founding` (a process from nothing), `importing` (archives and models
of other tools), `checking` (what forbids publishing here), `commands.drafting`, `commands.reviewing`, `commands.processes`;
`scenarios.rehearsal` (a case played step by step), `jobs` (long work beside the server), `migrating` (open cases go over to
a new version), `verify_packages`.

What a model may ask for inside the command (`operations`): money of a fund (`ledger`), facts about people (`dossier`),
papers (`papers`), public registers (`register`), allotted numbers (`pool`), ratings (`ratings`). Who may know that a case
exists at all: `secrecy`. Cases that nobody applies for: `openings`, `campaigns`. People without a password: `codes`.
Work that nobody posts: `chores`. By when a case is promised: `promises`. What proves the whole: `journal`, `sealing`, `verify`.

Pure and free of the rest: `core`, `feel`, `dmn`, `clock`, `wording` (what people mean in their own words). Start with
`bus.py`, then `core/step.py`, then `record.py`.
"""
