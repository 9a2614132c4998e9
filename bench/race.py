"""Work side by side: threads of one process, processes from a common start, and what the clock said."""

from __future__ import annotations

import multiprocessing
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def run_threads(count: int, work: Callable[[int], None]) -> None:
    """Work in so many threads, to the end."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """When the work began and ended."""
    begin = time.time()
    work()
    return begin, time.time()


def race(target: Callable[..., None], addresses: Sequence[str], shares: Sequence[Any], threads: int) -> float:
    """Seconds from the common start to the last end of all processes."""
    context = multiprocessing.get_context("spawn")
    gate, results = context.Barrier(len(shares)), context.Queue()
    processes = [
        context.Process(target=target, args=(address, share, threads, gate, results))
        for address, share in zip(addresses, shares, strict=True)
    ]
    for process in processes:
        process.start()
    spans = [results.get(timeout=300) for _ in processes]
    for process in processes:
        process.join()
    return max(end for _, end in spans) - min(begin for begin, _ in spans)
