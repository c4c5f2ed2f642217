#!/usr/bin/python3
"""Measure publishing to an S3 server against the guide's way of doing it.

    publish.py [--plugins N] [--loop N] [--markdown FILE]

Ours: one `publish` of N (1,000) small plugins to SeaweedFS. The guide's: a shell loop that
validates and packages each plugin with the reference and uploads artifact and index with
awscli, for --loop (50) plugins, its time scaled to N. Prints both times, their ratio, and the
peak memory of ours. Needs the reference, and what tests/servers/setup.sh installs.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "servers"))
from publishing import ok, plugin  # noqa: E402
from servers import TOOLS, VENV, SeaweedFS, tool  # noqa: E402

# The guide's steps for one registry on S3, without what GitHub adds.
LOOP = r"""
set -euo pipefail
current=.publish/next-index.json
mkdir -p .publish/artifacts
"$AWS" s3 cp --quiet "$REGISTRY/index.json" "$current"
for dir in plugins/*; do
    rm -rf .publish/out
    "$REFERENCE" validate "$dir" --index "$current" --output json >/dev/null
    "$REFERENCE" package "$dir" --index "$current" --out .publish/out --output json >/dev/null
    cp .publish/out/index.json "$current"
    cp .publish/out/*.tar.gz .publish/artifacts/
done
for artifact in .publish/artifacts/*.tar.gz; do
    "$AWS" s3api put-object --bucket "$BUCKET" --key "plugins/$(basename "$artifact")" \
        --body "$artifact" --if-none-match '*' >/dev/null
done
"$AWS" s3 cp --quiet "$current" "$REGISTRY/index.json"
"""


def make_plugins(folder, count):
    for at in range(count):
        plugin(folder / "plugins", f"plugin_{at:04}", marker=str(at))


def ours(server, folder, count):
    location, env = server.registry("ours")
    ok("registry", "init", location=location, env=env)
    make_plugins(folder, count)
    command = [str(ROOT / "build" / "influxdb3-plugin"), "publish", "--root", "plugins",
               "--registry", location, "--output", "json"]
    start = time.monotonic()
    done = subprocess.run(["/usr/bin/time", "-v", *command], cwd=folder,
                          env={**os.environ, **env}, capture_output=True, text=True)
    took = time.monotonic() - start
    document = json.loads(done.stdout)
    assert done.returncode == 0, document
    assert len(document["result"]["plugins"]) == count
    peak = int(re.search(r"Maximum resident set size \(kbytes\): (\d+)", done.stderr)[1])
    return took, peak / 1024, document["result"]["requests"]


def theirs(server, folder, count):
    location, env = server.registry("theirs")
    bucket = location.split("/")[2]
    make_plugins(folder, count)
    reference = tool(TOOLS / "bin" / "influxdb3-plugin")
    subprocess.run([reference, "new", "index", "seed", "--artifacts-url",
                    "https://plugins.example.com"], cwd=folder, check=True, capture_output=True)
    env = {**os.environ, **env, "AWS": tool(VENV / "bin" / "aws"), "REFERENCE": reference,
           "BUCKET": bucket, "REGISTRY": f"s3://{bucket}/plugins",
           "AWS_ENDPOINT_URL": server.base}
    subprocess.run([env["AWS"], "s3", "cp", "--quiet", "seed/index.json",
                    env["REGISTRY"] + "/index.json"], cwd=folder, env=env, check=True)
    start = time.monotonic()
    subprocess.run(["bash", "-c", LOOP], cwd=folder, env=env, check=True)
    return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plugins", type=int, default=1000)
    parser.add_argument("--loop", type=int, default=50)
    parser.add_argument("--markdown")
    args = parser.parse_args()
    with SeaweedFS() as server, tempfile.TemporaryDirectory() as a, \
            tempfile.TemporaryDirectory() as b:
        took, peak, requests = ours(server, Path(a), args.plugins)
        loop = theirs(server, Path(b), args.loop)
    scaled = loop * args.plugins / args.loop
    row = (f"| `publish` of {args.plugins:,} small plugins to S3 (SeaweedFS) | {took:.1f} s, "
           f"{peak:.0f} MB, {requests} requests | {loop:.1f} s for {args.loop}, so "
           f"{scaled:.0f} s | {scaled / took:.0f} |")
    print("| job | ours | the guide's loop | ratio |\n| --- | --- | --- | --- |\n" + row)
    if args.markdown:
        with open(args.markdown, "a", encoding="utf-8") as file:
            print(row, file=file)
    return 0 if scaled / took >= 10 and peak < 200 else 1


if __name__ == "__main__":
    sys.exit(main())
