#!/usr/bin/env python3
"""Write an index of PLUGINS plugins with VERSIONS versions each, in canonical form.

    make_index.py --plugins N --versions N [--compact] [-o FILE]

The same arguments give the same bytes. An entry has some 650 bytes: a description of
60 to 120 characters, one to three triggers, links, Python and plugin dependencies in
the shares that a registry would have. Names sort as they are made, so that the file is
also what a rewrite of it gives.
"""
import argparse
import hashlib
import json
import sys

WORDS = ("aggregate alert anomaly batch bucket cache clean collect compress convert count "
         "daily detect downsample enrich export fill filter forecast forward gauge group "
         "import interval join label limit measure merge metric monitor normalize notify "
         "outlier parse point query rate report resample route sample schedule series "
         "smooth split state stream sum table tag threshold transform window write").split()
TRIGGERS = ("process_writes", "process_scheduled_call", "process_request")
PYTHON = ("requests>=2.31", "numpy>=1.26,<3", "pandas[performance]>=2.1; python_version >= '3.11'",
          "scikit-learn~=1.4", "prophet==1.1.5", "pint", "paho-mqtt>=2.0")
REQUIREMENTS = (">=3.0.0", ">=3.2.0, <4.0.0", "^3.1", "~3.3.1")


def number(*parts):
    """A number that only the parts decide."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big")


def pick(items, *parts):
    return items[number(*parts) % len(items)]


def plugin_name(p):
    return f"{pick(WORDS, 'first', p)}-{pick(WORDS, 'second', p)}_{p:06d}"


def entry(p, v, versions):
    name = plugin_name(p)
    words = [pick(WORDS, "word", p, v, i) for i in range(8 + number("len", p) % 7)]
    if p % 20 == 0:
        words.append("température")
    major, minor = divmod(v, 10)
    item = {
        "name": name,
        "version": f"{major + 1}.{minor}.{number('patch', p, v) % 9}",
        "published_at": f"20{20 + v * 5 // max(versions, 1):02d}-{1 + p % 12:02d}-"
                        f"{1 + v % 28:02d}T{p % 24:02d}:{v % 60:02d}:{(p + v) % 60:02d}Z",
        "description": " ".join(words).capitalize() + ".",
        "triggers": [TRIGGERS[i] for i in range(3) if i == p % 3 or number("t", p, i) % 4 == 0],
    }
    if p % 2 == 0:
        item["homepage"] = f"https://plugins.example.com/{name}"
    item["repository"] = f"https://github.com/example-{p % 500}/{name}"
    if p % 3 == 0:
        item["documentation"] = f"https://docs.example.com/{name}/{major + 1}.{minor}/index.html"
    dependencies = {
        "database_version": pick(REQUIREMENTS, "db", p),
        "python": [PYTHON[i] for i in range(len(PYTHON)) if number("py", p, i) % 5 == 0],
    }
    if p % 10 == 7:
        dependencies["plugins"] = [{"index_url": "https://registry.example.com/index.json",
                                    "name": plugin_name(p - 1), "version": "^1.0"}]
    item["dependencies"] = dependencies
    item["hash"] = "sha256:" + hashlib.sha256(f"{p} {v}".encode()).hexdigest()
    if (p + v) % 50 == 0:
        item["yanked"] = True
    return item


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plugins", type=int, required=True)
    parser.add_argument("--versions", type=int, required=True)
    parser.add_argument("--compact", action="store_true", help="no white space")
    parser.add_argument("-o", "--output", default="-")
    args = parser.parse_args()
    separators = (",", ":") if args.compact else (",", ": ")
    out = sys.stdout if args.output == "-" else open(args.output, "w", encoding="utf-8")
    order = sorted(range(args.plugins), key=plugin_name)
    artifacts = "https://registry.example.com/artifacts"
    if args.compact:
        out.write(f'{{"index_schema_version":"2.1","artifacts_url":"{artifacts}","plugins":[')
    else:
        out.write('{\n  "index_schema_version": "2.1",\n'
                  f'  "artifacts_url": "{artifacts}",\n  "plugins": [')
    first = True
    for p in order:
        for v in range(args.versions):
            text = json.dumps(entry(p, v, args.versions), ensure_ascii=False,
                              indent=None if args.compact else 2, separators=separators)
            if not args.compact:
                text = "\n    " + text.replace("\n", "\n    ")
            out.write(text if first else "," + text)
            first = False
    out.write("]}" if args.compact else ("]\n}\n" if first else "\n  ]\n}\n"))
    if out is not sys.stdout:
        out.close()


if __name__ == "__main__":
    main()
