#!/usr/bin/env bash
# `auth status` beside the program that it replaces: `sq auth status` of PyPI's
# squadron-ai, in a virtual environment of its own. Both start from nothing, in
# turns; the medians and their ratio are printed.
#
#     cli/benches/python.sh
#
# Needs Python 3.12 (PYTHON=path, if it is not called python3.12) and PyPI.
set -euo pipefail
cd "$(dirname "$0")/../.."

runs=15
venv=target/squadron-ai
product=target/release/orchestration

cargo build --release --locked
if [ ! -x "$venv/bin/sq" ]; then
    "${PYTHON:-python3.12}" -m venv "$venv"
    "$venv/bin/pip" install --quiet squadron-ai
fi

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

# Microseconds that a command takes. What it says, and that it may have nothing
# to say without its own configuration, is not looked at.
micros() {
    local start=$EPOCHREALTIME
    env -i HOME="$home" PATH=/usr/bin:/bin "$@" >/dev/null 2>&1 || true
    local end=$EPOCHREALTIME
    echo $((${end/./} - ${start/./}))
}

median() { sort -n | sed -n "$(((runs + 1) / 2))p"; }

# Once before, so that Python has written its bytecode and both are in memory.
micros "$venv/bin/sq" auth status >/dev/null
micros "$product" auth status >/dev/null
for ((run = 0; run < runs; run++)); do
    micros "$venv/bin/sq" auth status >>"$home/python"
    micros "$product" auth status >>"$home/product"
done
python=$(median <"$home/python")
own=$(median <"$home/product")

sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1
"$venv/bin/python" --version
"$venv/bin/pip" list 2>/dev/null | grep squadron-ai
printf 'median of %d runs each\n' "$runs"
awk -v python="$python" -v own="$own" 'BEGIN {
    printf "sq auth status              %10.3f ms\n", python / 1000
    printf "orchestration auth status   %10.3f ms\n", own / 1000
    printf "ratio                       %10.0f    (target: at least 500)\n", python / own
}'
