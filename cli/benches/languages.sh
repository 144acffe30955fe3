#!/usr/bin/env bash
# Compares `auth status` of a profile with a strategy in another language, whose compiled code
# is cached, with that of the built-in strategy; the one in Python, with `python3 -c pass`. The
# programs take turns; prints the medians and their ratios, and fails above a target.
#
#     cli/benches/languages.sh [EXECUTABLE]
#
# Needs what the projects of `strategy new` need to be built, and Python 3.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ $# = 0 ]; then
    cargo build --release --locked
fi
product=$(realpath "${1:-target/release/orchestration}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/home"
ln -s "$product" "$work/bin/orchestration"
export PATH=$work/bin:$PATH

cd "$work"
for language in rust c cpp zig python; do
    orchestration strategy new "$language" --lang "$language" >/dev/null
    # The first block of README.md: the build, `strategy add`, and a first `auth status`.
    (
        cd "$language"
        awk '/^```sh$/ { on = 1; next } /^```$/ { if (on) exit } on' README.md >commands.sh
        XDG_CACHE_HOME=$work/home/.cache bash -euo pipefail commands.sh >said 2>&1 || { cat said; exit 1; }
    )
done
mkdir built-in
printf '%s\n' '[profiles.built-in]' 'api_key_env = "BUILT_IN_KEY"' >built-in/providers.toml

sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1
python3 --version
python3 - "$product" "$work" <<'TIMED'
import statistics
import subprocess
import sys
import time

product, work = sys.argv[1:]
RUNS = 41
# How much longer than what it is compared with each may take.
TARGETS = {"rust": 1.2, "c": 1.2, "cpp": 1.2, "zig": 1.2, "python": 1.5}


def status(name):
    variable = name.upper().replace("-", "_") + "_KEY"
    command = [product, "--config", f"{work}/{name}/providers.toml", "auth", "status", name]
    return command, {variable: "sk-1234567890"}


def milliseconds(command, variables):
    environment = {"HOME": f"{work}/home", "PATH": "/usr/bin:/bin", **variables}
    start = time.perf_counter()
    ended = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    taken = (time.perf_counter() - start) * 1000
    if ended.returncode != 0:
        sys.exit(f"{command}: {ended.stderr.decode()}")
    return taken


timed = {name: status(name) for name in ["built-in", *TARGETS]}
timed["python3 -c pass"] = ([sys.executable, "-c", "pass"], {})
rounds = []
for _ in range(RUNS + 1):
    rounds.append({name: milliseconds(*call) for name, call in timed.items()})
# The first round warms the caches.
medians = {name: statistics.median(taken[name] for taken in rounds[1:]) for name in timed}
print(f"median of {RUNS} runs each")
missed = False
for name, median in medians.items():
    print(f"{name:16} {median:8.2f} ms", end="")
    if name in TARGETS:
        compared = "python3 -c pass" if name == "python" else "built-in"
        ratio = median / medians[compared]
        missed |= ratio > TARGETS[name]
        print(f"   {ratio:5.2f} x {compared} (target: at most {TARGETS[name]})", end="")
    print()
sys.exit(missed)
TIMED
