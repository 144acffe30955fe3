#!/usr/bin/env bash
# Compares `auth status` with the program that it replaces: `sq auth status` of PyPI's
# squadron-ai, installed in a virtual environment. The programs take turns; prints the
# medians and their ratio.
#
#     cli/benches/python.sh
#
# Needs Python 3.12 (PYTHON=path, if it is not called python3.12) and PyPI.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=target/squadron-ai

cargo build --release --locked
if [ ! -x "$venv/bin/sq" ]; then
    "${PYTHON:-python3.12}" -m venv "$venv"
    "$venv/bin/pip" install --quiet squadron-ai
fi

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1
"$venv/bin/python" --version
"$venv/bin/pip" list 2>/dev/null | grep squadron-ai

# Measured by Python, because a shell starts a process to read the clock, which takes as
# long as the faster program.
"$venv/bin/python" - "$venv/bin/sq" target/release/orchestration "$home" <<'TIMED'
import statistics
import subprocess
import sys
import time

sq, product, home = sys.argv[1:]
RUNS = 15


def milliseconds(command):
    # The output and exit status are ignored: without its configuration, sq may fail.
    start = time.perf_counter()
    subprocess.run(
        [command, "auth", "status"],
        env={"HOME": home, "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return (time.perf_counter() - start) * 1000


# A warm-up, so that Python has written its bytecode and both programs are in memory.
milliseconds(sq), milliseconds(product)
pairs = [(milliseconds(sq), milliseconds(product)) for _ in range(RUNS)]
python, own = (statistics.median(times) for times in zip(*pairs))
print(f"median of {RUNS} runs each")
print(f"sq auth status              {python:10.3f} ms")
print(f"orchestration auth status   {own:10.3f} ms")
print(f"ratio                       {python / own:10.0f}    (target: at least 500)")
TIMED
