#!/usr/bin/env python3
"""Makes a C source of text files: embed.py OUTPUT HEADER FILE…

`a_b.md` becomes `const char template_a_b_md[]`, NUL-terminated; HEADER declares them.
"""
import re
import sys
from pathlib import Path

output, header, *names = sys.argv[1:]
lines = [f'#include "{header}"', ""]
for name in names:
    path = Path(name)
    data = path.read_bytes() + b"\0"
    lines.append(f"const char template_{re.sub('[^a-z_]', '_', path.name.lower())}[] = {{")
    lines += ["    " + ", ".join(str(byte) for byte in data[at:at + 16]) + ","
              for at in range(0, len(data), 16)]
    lines.append("};")
Path(output).write_text("\n".join(lines) + "\n")
