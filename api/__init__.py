"""The edge: authenticate, translate, render. No rule of the office stands here; every change goes through the bus.

`app` lists the routes; `auth` makes an actor of a cookie or a bearer token; `errors` makes sentences of codes;
`pages_*` serve HTML that works without scripts, the others JSON (described at /schema).
"""
