"""How many papers a second, with which memory: printed, sealed and kept, through the real press.

    python bench/documents.py [--count 200] [--size 1] [--unsealed] [--layout certificate]

Prints milliseconds per document (median and 95th percentile), the rate over the whole run, the memory of the printing
processes at ten moments of it, and whether the same document came out byte for byte equal twice. Sealed papers carry
their offline code, as in the office. The long run of issue 9: --count 5000 --size 2 --layout certificate.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine.documents.jobs import Job, Page, Sealing  # noqa: E402
from engine.documents.offline import Carried, Coding  # noqa: E402
from engine.documents.press import Press  # noqa: E402
from engine.documents.vault import FolderVault  # noqa: E402

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
        f"templates/_shared/{path.name}": path.read_bytes() for path in (ROOT / "templates/_shared").iterdir()
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
    """Resident kB of all printing processes."""
    total = 0
    for worker in press._workers:  # noqa: SLF001
        status = Path(f"/proc/{worker.process.pid}/status").read_text()
        total += int(status.split("VmRSS:")[1].split()[0])
    return total


def processor(press: Press) -> float:
    """Seconds of processor time that the printing processes have used; tells the cost on a busy machine too."""
    ticks = 0
    for worker in press._workers:  # noqa: SLF001
        fields = Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Papers per second.")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--size", type=int, default=1, help="printing processes")
    parser.add_argument("--unsealed", action="store_true")
    parser.add_argument("--layout", choices=tuple(TEMPLATES), help="only this one")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        vault = FolderVault(place / "vault")
        sealing = Sealing(
            f"file:{place / 'keys'}", datetime(2026, 11, 23, 1, 0, tzinfo=UTC), "bench", "bench"
        )
        sealing_or_none = None if chosen.unsealed else sealing
        for layout in (chosen.layout,) if chosen.layout else TEMPLATES:
            with Press(place / "press", size=chosen.size) as press:

                def one(number: int, press: Press = press, layout: str = layout) -> float:
                    begin = time.perf_counter()
                    vault.put(press.work(make(number, layout, sealing_or_none)).content)
                    return time.perf_counter() - begin

                begin = time.perf_counter()
                one(0)
                cold = time.perf_counter() - begin
                with ThreadPoolExecutor(chosen.size) as pool:
                    list(pool.map(one, range(1, 21)))
                    track = [memory(press)]
                    used = processor(press)
                    begin = time.perf_counter()
                    times = []
                    step = max(1, chosen.count // 10)
                    for start in range(0, chosen.count, step):
                        part = range(21 + start, 21 + min(start + step, chosen.count))
                        times += pool.map(one, part)
                        track.append(memory(press))
                    times.sort()
                    whole = time.perf_counter() - begin
                    used = processor(press) - used
                job = make(1, layout, sealing_or_none)
                first = press.work(job).content
                again = press.work(replace(job, package="bench-again")).content
                print(
                    f"{layout:12} {chosen.size} process(es)  first {cold:.1f} s  median {statistics.median(times) * 1000:.0f} ms"
                    f"  p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms  {chosen.count / whole:.1f} papers/s"
                    f"  processor {used / chosen.count * 1000:.0f} ms a paper"
                    f"  {len(first) / 1024:.0f} kB  memory {' '.join(str(kilobytes // 1024) for kilobytes in track)} MB  equal bytes: {first == again}"
                )


if __name__ == "__main__":
    main()
