"""What is issued: `pages` fills a template, `presswork` prints and seals it in its own process, `vault` keeps the bytes.

`handler` is the outbox handler that strings these together; `press` owns the processes; `verify` answers a stranger who
holds a paper or a file, `codes` one who holds its offline code. Faces and missing characters: `fonts`; seal and QR code:
`drawing`; dates, amounts and masks as papers write them: `words`, `masks`.

Proof: `sign` is the port of sealers (`pades` does it, `seal_ring` and `token` hold the keys), `offline` and `cose` write the
code that is read without network, `ring` holds its keys, `offline_page` builds the page that reads it. Paper: `gather` and
`duplicates`. Archive: `dossiers`, and `verify_dossier`, which travels with them.
"""
