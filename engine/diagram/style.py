"""How diagrams look. It is put into a picture that stands alone; pages with the picture in them take the same from a sheet."""

from __future__ import annotations

from typing import Final

#: Put into the picture, so that it is right on its own (README, PDF); pages that hold the picture itself link a sheet
#: with the same rules (`api/ui/static/diagram.css`), because no page of ours may carry a style of its own.
STYLE: Final = """
.d-f{fill:#fff;stroke:#1b1b1b;stroke-width:1.5}.d-i{fill:none;stroke:#1b1b1b;stroke-width:1.2;stroke-linejoin:round}
.d-i.t{fill:#1b1b1b}.d-l{fill:#f4f6f9;stroke:#6b7280;stroke-width:1}.d-p{fill:#fff;stroke:#4a4f57;stroke-width:1.5}
.d-e{fill:none;stroke:#4a4f57;stroke-width:1.4;stroke-linejoin:round}.d-a{fill:#4a4f57}.d-n{stroke-dasharray:4 3}
.d text,text{font:12px "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;fill:#1b1b1b}
text.d-s,.d text.d-s{font-size:11px;fill:#4a4f57}text.d-bt,.d text.d-bt{fill:#fff;font-weight:700;font-size:11px}
.done>.d-f,.covered>.d-f{fill:#edf7f0;stroke:#1c6b3a}.now>.d-f{fill:#e6effa;stroke:#0b4f9e;stroke-width:3}
.late>.d-f{fill:#fdecea;stroke:#b3261e;stroke-width:3;stroke-dasharray:6 3}
.added>.d-f{fill:#edf7f0;stroke:#1c6b3a;stroke-width:3}.added>.d-e{stroke:#1c6b3a;stroke-width:3}.added>.d-a{fill:#1c6b3a}
.removed>.d-f{fill:#fdecea;stroke:#b3261e;stroke-width:2.5;stroke-dasharray:7 4}
.removed>.d-e{stroke:#b3261e;stroke-width:2.5;stroke-dasharray:7 4}.removed>.d-a{fill:#b3261e}
.changed>.d-f{fill:#fff5dc;stroke:#8a5a00;stroke-width:3}.changed>.d-e{stroke:#8a5a00;stroke-width:3}.changed>.d-a{fill:#8a5a00}
.moved>.d-f{fill:#f3effa;stroke:#5b3b9e;stroke-width:2.5;stroke-dasharray:2 3}
.moved>.d-e{stroke:#5b3b9e;stroke-width:2;stroke-dasharray:2 3}.moved>.d-a{fill:#5b3b9e}
.missed>.d-f{fill:#fff;stroke:#b3261e;stroke-width:2.5;stroke-dasharray:6 3}.missed>.d-e{stroke:#b3261e;stroke-dasharray:6 3}
.error>.d-f{fill:#fdecea;stroke:#b3261e;stroke-width:3}.error>.d-e{stroke:#b3261e;stroke-width:3}
.warning>.d-f{fill:#fff5dc;stroke:#8a5a00;stroke-width:3}.warning>.d-e{stroke:#8a5a00;stroke-width:3}
.d-b{fill:#0b4f9e}.late>.d-b,.removed>.d-b,.missed>.d-b,.error>.d-b{fill:#b3261e}.done>.d-b,.added>.d-b,.covered>.d-b{fill:#1c6b3a}
.changed>.d-b,.warning>.d-b{fill:#8a5a00}.moved>.d-b{fill:#5b3b9e}
.d-t{fill:#0b4f9e;stroke:#fff;stroke-width:2}.d-r{fill:#4a4f57;stroke:#fff;stroke-width:1.5}
"""
