"""How many papers a second, with which memory: printed, sealed and kept, through the real press.

    python -m bench.documents [--count 200] [--size 2] [--unsealed] [--layout certificate]

Prints milliseconds for each paper (median and 95th percentile), the rate over the whole run, the processor time of each
(all processes together, so it tells the cost on a busy machine too) and how many papers two seconds of it print, the memory
of the printing processes at ten moments, and whether the same paper came out byte for byte equal in another process.
Beside it, from the same run, the bare libraries: a page of two lines, printed by WeasyPrint and signed by pyHanko.
The long run of issue 9: --count 5000 --layout certificate.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.documents.jobs import Job, Page, Sealing
from engine.documents.offline import Carried, Coding
from engine.documents.press import Press
from engine.documents.vault import FolderVault
from engine.settings import ROOT

TEMPLATES = {
    "notice": """{% extends "_shared/notice.html" %}
{% block addressee %}<p class="to">{{ data.name }}：</p>{% endblock %}
{% block body %}<p>你因突发疾病提出的急难型临时救助申请收悉。经审核，决定给予一次性临时救助金{{ parts.amount(data.amount) }}，
自本决定作出之日起三个工作日内发放至你的账户。</p>{% endblock %}
{% block remedies %}{{ parts.remedies("晋中市榆次区人民政府", "晋中市榆次区人民法院") }}{% endblock %}""",
    "certificate": """{% extends "_shared/certificate.html" %}
{% block body %}<p>兹证明{{ data.name }}自{{ document.issued_on | date_zh }}起享受最低生活保障待遇，每月保障金
{{ parts.amount(data.amount) }}。</p>{% endblock %}""",
}


def make(number: int, layout: str, sealing: Sealing | None) -> Job:
    """The job of one document; every number gives other bytes."""
    shared = {
        f"templates/_shared/{path.name}": path.read_bytes()
        for path in (ROOT / "templates/_shared").iterdir()
        if path.is_file()
    }
    files = {**shared, **{f"templates/b/{name}.html": text.encode() for name, text in TEMPLATES.items()}}
    token = hashlib.sha256(str(number).encode()).hexdigest()[:20].upper()
    document = {
        "code": layout,
        "title": "最低生活保障证" if layout == "certificate" else "临时救助决定书",
        "number": f"晋中民救字〔2026〕{number}号",
        "issued_on": date(2026, 11, 23),
        "issuer": "晋中市榆次区民政局",
        "verify_url": f"https://banjian.example.cn/verify/{token}",
        "token": token,
        "layout": layout,
        "sealed": sealing is not None,
        "language": "zh-CN",
        "demonstration": True,
    }
    names = ("张三丰", "李秀英", "王建国", "赵敏", "欧阳锋")
    data = {"name": names[number % 5], "amount": Decimal(60500 + number) / 100}
    case = {"number": f"140702MZ20261123{number:04}", "process": "b", "area": "140702"}
    if sealing is None:
        return Job("bench", files, Page(f"b/{layout}.html", case, data, document))
    facts = {"amount": str(data["amount"]), "name": names[number % 5][0] + "**"}
    carried = Carried(
        str(document["issuer"]),
        str(document["title"]),
        token,
        date(2026, 11, 23),
        layout,
        str(document["number"]),
        facts=facts,
    )
    coding = Coding(f"{sealing.keys.removeprefix('file:')}/codes", sealing.at, carried)
    return Job("bench", files, Page(f"b/{layout}.html", case, data, document), sealing, coding=coding)


def memory(press: Press) -> int:
    """Resident MB of all printing processes."""
    total = 0
    for worker in press._workers:  # noqa: SLF001
        status = Path(f"/proc/{worker.process.pid}/status").read_text()
        total += int(status.split("VmRSS:")[1].split()[0])
    return total // 1024


def processor(press: Press) -> float:
    """Seconds of processor time that this process and the printing processes have used."""
    ticks = 0
    for pid in (os.getpid(), *(worker.process.pid for worker in press._workers)):  # noqa: SLF001
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


BARE = {
    "Chinese": """<html lang="zh-CN"><body style="font-family:'Noto Serif CJK SC'">
<p>兹证明张三丰自2026年11月23日起享受最低生活保障待遇。</p><p>晋中市榆次区民政局 NUMBER</p></body></html>""",
    "Latin": '<html lang="en"><body><p>This is to certify</p><p>that it is number NUMBER</p></body></html>',
}


def bare(keys: Path, page: str, count: int) -> float:
    """Processor seconds for one page with the libraries alone: nothing kept, no seal, no codes, no archive format."""
    import weasyprint  # noqa: PLC0415 -- only here; the papers are printed in other processes
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
    from pyhanko.sign import signers  # noqa: PLC0415
    from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415

    (certificate,) = (keys / "seals").glob("*.cert.pem")
    key = str(certificate).replace(".cert.", ".key.")
    load: Any = signers.SimpleSigner.load
    signer = load(key, str(certificate))
    metadata = signers.PdfSignatureMetadata(field_name="Seal", subfilter=SigSeedSubFilter.PADES)
    faces: Any = FontConfiguration()
    begin = 0.0
    for number in range(count + 3):
        if number == 3:  # the first ones load the libraries
            begin = time.process_time()
        html = page.replace("NUMBER", str(number))
        pdf = weasyprint.HTML(string=html).write_pdf(font_config=faces)
        signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer)
    return (time.process_time() - begin) / count


def run(place: Path, layout: str, sealing: Sealing | None, chosen: argparse.Namespace) -> None:
    """Print and measure papers of one layout."""
    vault = FolderVault(place / "vault")
    with Press(place / "press", size=chosen.size) as press:

        def one(number: int) -> float:
            begin = time.perf_counter()
            vault.put(press.work(make(number, layout, sealing)).content)
            return time.perf_counter() - begin

        cold = one(0)
        with ThreadPoolExecutor(chosen.size) as pool:
            list(pool.map(one, range(1, 41)))
            track = [memory(press)]
            times: list[float] = []
            used, begin = processor(press), time.perf_counter()
            step = max(1, chosen.count // 10)
            for start in range(0, chosen.count, step):
                times += pool.map(one, range(41 + start, 41 + min(start + step, chosen.count)))
                track.append(memory(press))
            whole, used = time.perf_counter() - begin, processor(press) - used
        times.sort()
        job = make(1, layout, sealing)
        first = press.work(job).content
    with Press(place / "press") as other:
        equal = other.work(job).content == first
    print(
        f"{layout}: {chosen.count} papers, {chosen.size} printing process(es), first {cold:.1f} s,"
        f" median {statistics.median(times) * 1000:.0f} ms, p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms\n"
        f"  rate {chosen.count / whole:.1f} a second; processor {used / chosen.count * 1000:.0f} ms a paper ="
        f" {2 * chosen.count / used:.1f} papers in two seconds of processor time\n"
        f"  memory {' '.join(map(str, track))} MB; {len(first) / 1024:.0f} kB a paper; equal bytes in another process: {equal}",
        flush=True,
    )
    if sealing is not None:
        keys = Path(sealing.keys.removeprefix("file:"))
        for name, page in BARE.items():
            alone = bare(keys, page, min(chosen.count, 50))
            print(
                f"  bare libraries, two lines in {name}, signed: {alone * 1000:.0f} ms;"
                f" a paper costs {used / chosen.count / alone:.2f} times that"
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Papers per second.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--size", type=int, default=2, help="printing processes")
    parser.add_argument("--unsealed", action="store_true")
    parser.add_argument("--layout", choices=tuple(TEMPLATES), help="only this one")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        moment = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
        sealing = None if chosen.unsealed else Sealing(f"file:{place / 'keys'}", moment, "bench", "bench")
        for layout in (chosen.layout,) if chosen.layout else TEMPLATES:
            run(place, layout, sealing, chosen)


if __name__ == "__main__":
    main()
