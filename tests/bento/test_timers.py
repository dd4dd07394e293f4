"""What a request leaves behind in the loop that answered it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

ASKED = """
import asyncio, httpx
from bento.service import MilkPriceService  # noqa: PLC0415

async def main():
    transport = httpx.ASGITransport(MilkPriceService.to_asgi(), client=("127.0.0.1", 1))
    loop, timers = asyncio.get_running_loop(), []
    call_at = loop.call_at
    loop.call_at = lambda *given, **named: timers.append(call_at(*given, **named)) or timers[-1]
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        statuses = {(await client.get("/livez")).status_code for _ in range(20)}
    print(statuses, sum(not timer.cancelled() for timer in timers))

asyncio.run(main())
"""


def test_no_timer_outlives_its_request(tmp_path: Path, isolated_environment) -> None:
    """BentoML's stays for a minute each: half a million objects to look through for garbage."""
    metrics = tmp_path / "metrics"
    metrics.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        env={**isolated_environment(tmp_path), "PROMETHEUS_MULTIPROC_DIR": str(metrics)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "{200} 0"
