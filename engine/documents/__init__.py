"""What is issued: `pages` fills a template, `presswork` prints and seals it in its own process, `vault` keeps the bytes.

`issue` is the outbox handler that strings these together; `press` owns the processes; `verify` answers a stranger who
holds a paper or a file. Faces and missing characters: `fonts`; seal and QR code: `drawing`; dates, amounts and masks as
papers write them: `words`, `masks`.
"""
