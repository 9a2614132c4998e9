"""Print every document of every process from its scenarios, and lay out small pictures of them: docs/documents/*.png.

    python docs/documents/gallery.py [--large FOLDER] [PROCESS ...]

`--large` also writes each PDF and its pages at 150 dpi into a folder, to be looked at. Needs poppler (pdftoppm).
The first document of each template is taken; the index is docs/documents/README.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from engine.cli.play import surroundings  # noqa: E402
from engine.documents.handler import document_handler  # noqa: E402
from engine.documents.proof import proof_handler  # noqa: E402
from engine.documents.vault import FolderVault  # noqa: E402
from engine.package import process_names, read_package  # noqa: E402
from engine.scenarios import play, read_scenarios  # noqa: E402
from engine.settings import Settings  # noqa: E402

if TYPE_CHECKING:
    from engine.effects import Effects, Handler, Issued, Message

HERE = ROOT / "docs" / "documents"
WIDTH = 640  # of a small picture, in pixels
COLOURS = 32
HEAD = "# Documents\n\nPrinted from the scenarios by `python docs/documents/gallery.py`.\n"


class Collector:
    """A document handler that keeps the first print of each template."""

    def __init__(self, settings: Settings, vault: FolderVault) -> None:
        self.handler: Handler = document_handler(settings, vault)
        self.proof: Handler = proof_handler(settings)
        self.vault = vault
        self.found: dict[str, tuple[bytes, str]] = {}

    def __call__(self, message: Message, effects: Effects, /) -> Any:
        name = str(message.name)
        if name in self.found:
            return self.proof(message, effects)
        done: Issued = self.handler(message, effects)  # type: ignore[assignment]
        self.found[name] = (self.vault.get(done.sha256), done.title["zh"])
        return done


def print_process(name: str, folder: Path) -> dict[str, tuple[bytes, str]]:
    """Template -> (PDF, title), from the scenarios of a process."""
    settings = Settings(root=ROOT, data=folder, public_url="https://banjian.example.cn")
    vault = FolderVault(folder / "vault", durable=False)
    collector = Collector(settings, vault)
    package = read_package(ROOT, name)
    content = package.scenarios
    if content is None:
        return {}
    file = read_scenarios(content, name)
    around = replace(surroundings(settings, folder), document=collector)
    for case in file.cases:
        play(package, case, file.actors, around)
    return collector.found


def pages(pdf: bytes, resolution: int) -> list[Image.Image]:
    """The pages as pictures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.pdf"
        path.write_bytes(pdf)
        subprocess.run(["pdftoppm", "-r", str(resolution), "-png", path, Path(folder) / "p"], check=True)
        found = []
        for picture in sorted(Path(folder).glob("p*.png")):
            with Image.open(picture) as opened:
                found.append(opened.convert("RGB"))
        return found


def small(pictures: list[Image.Image]) -> Image.Image:
    """All pages of a document side by side, few colours."""
    height = round(max(one.height * WIDTH / max(one.width, one.height * 0.7) for one in pictures))
    scaled = [
        one.resize((round(one.width * height / one.height), height), Image.Resampling.LANCZOS)
        for one in pictures
    ]
    sheet = Image.new("RGB", (sum(one.width + 8 for one in scaled) + 8, height + 16), "#9aa0a6")
    left = 8
    for one in scaled:
        sheet.paste(one, (left, 8))
        left += one.width + 8
    return sheet.quantize(COLOURS, dither=Image.Dither.NONE)


def main() -> None:
    """Print, picture, index."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("process", nargs="*")
    parser.add_argument("--large", type=Path)
    chosen = parser.parse_args()
    sections = read_sections()
    for name in chosen.process or process_names(ROOT):
        with tempfile.TemporaryDirectory() as folder:
            found = print_process(name, Path(folder))
        lines = []
        for template, (pdf, title) in sorted(found.items()):
            file = HERE / f"{name}-{template}.png"
            small(pages(pdf, 80)).save(file, optimize=True)
            lines += [f"### {template} {title}", "", f"![{title}]({file.name})", ""]
            if chosen.large:
                chosen.large.mkdir(parents=True, exist_ok=True)
                (chosen.large / f"{name}-{template}.pdf").write_bytes(pdf)
                for place, picture in enumerate(pages(pdf, 150), 1):
                    picture.save(chosen.large / f"{name}-{template}-{place}.png")
            print(f"{name} {template} {title}: {file.stat().st_size // 1024} kB")
        sections[name] = "\n".join(lines)
    names = [name for name in process_names(ROOT) if sections.get(name)]
    parts = [HEAD, *(f"## {name}\n\n{sections[name].strip()}\n" for name in names)]
    (HERE / "README.md").write_text("\n".join(parts), encoding="utf-8")


def read_sections() -> dict[str, str]:
    """What the index says of each process, so that printing one leaves the others."""
    path = HERE / "README.md"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    found = [part.partition("\n") for part in text.split("\n## ")[1:]]
    return {name.strip(): rest for name, _, rest in found}


if __name__ == "__main__":
    main()
