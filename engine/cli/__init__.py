"""The verbs of the command line, one module each; `--json` gives what the tables show to programs."""

from engine.cli import (
    archive,
    campaign,
    case,
    compare,
    keys,
    lint,
    migrate,
    play,
    preview,
    publish,
    register,
    seal,
    serve,
    verify,
    work,
)

VERBS = (
    serve.add,
    lint.add,
    play.add,
    preview.add,
    publish.add,
    register.add,
    compare.add,
    migrate.add,
    case.add,
    campaign.add,
    verify.add,
    seal.add,
    archive.add,
    keys.add,
    keys.add_page,
    work.add,
)
