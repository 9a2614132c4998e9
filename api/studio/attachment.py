"""What the studio hands out as a file to keep: for the asker alone, and never run as a page of ours."""

from __future__ import annotations

from litestar import Response


def attachment(content: bytes, name: str, kind: str = "application/octet-stream") -> Response[bytes]:
    """The bytes as a download; `name` is made safe for every file system."""
    safe = "".join(one if one.isascii() and (one.isalnum() or one in "-_.") else "_" for one in name)
    headers = {
        "content-disposition": f'attachment; filename="{safe or "file"}"',
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return Response(content, media_type=kind, headers=headers)
