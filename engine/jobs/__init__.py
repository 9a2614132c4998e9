"""Long work of the studio beside the server: playing all scenarios, putting decided cases through a draft.

Somebody asks for it (`commands.jobs.AskJob`); a chore of the relay or worker claims it (`launch`) and begins a process of
its own for it (`python -m engine.jobs`), which works (`carry`), tells how far it is, and writes what came of it into the
job's row. It ends with the server that began it. Work whose process died is begun again after a restart, and told as
broken when it dies once more. Nothing but the job's own row is ever written.
"""
