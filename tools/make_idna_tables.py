"""Writes idna_tables.c: the UTS #46 mapping and the joining types of the installed
python3-idna as C arrays. Run when building: make_idna_tables.py OUTPUT.

Statuses are those of non-transitional processing without the STD3 rules: deviation
characters are valid, and what only STD3 disallows is valid or mapped.
"""

import sys

from idna import idnadata, uts46data

LAST = 0x10FFFF
VALID, IGNORED, DISALLOWED, FIRST_MAPPING = 0, 1, 2, 3  # as in idna_tables.h

# What UTS #46 has changed since Unicode 14 for characters that Unicode 14 has: these
# were disallowed, and the capital sharp s was mapped to two letters. Empty: ignored.
CHANGES = {
    0x04C0: "\u04cf",
    0x1806: "\u1806",
    0x1E9E: "\u00df",
    0x2132: "\u214e",
    0x2183: "\u2184",
    0x2F868: "\u36fc",
    0x2F874: "\u5f53",
    0x2F91F: "\U000243ab",
    0x2F95F: "\u7aee",
    0x2F9BF: "\u45d7",
}
CHANGES.update((0x10A0 + i, chr(0x2D00 + i)) for i in range(0x10C6 - 0x10A0))
for first, last in (
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180E, 0x180E),
    (0x2061, 0x2063),
    (0x206A, 0x206F),
    (0x3164, 0x3164),
    (0xFFA0, 0xFFA0),
    (0x1D173, 0x1D17A),
):
    CHANGES.update((code_point, "") for code_point in range(first, last + 1))


def current_rows():
    """The rows of the data as (first, status, mapping), with the changes put in."""
    rows = uts46data.uts46data
    for row, following in zip(rows, rows[1:] + ((LAST + 1, "X"),)):
        rest = row[0]
        same = (row[1], row[2] if len(row) > 2 else None)
        for code_point in sorted(c for c in CHANGES if row[0] <= c < following[0]):
            if rest < code_point:
                yield (rest, *same)
            text = CHANGES[code_point]
            if text == chr(code_point):
                yield (code_point, "V", None)
            else:
                yield (code_point, "M" if text else "I", text)
            rest = code_point + 1
        if rest < following[0]:
            yield (rest, *same)


def values(pool):
    """The value of each run of code points as (first, value), runs merged."""
    places = {}
    runs = []

    def mapping(text):
        if text not in places:
            places[text] = FIRST_MAPPING + len(pool)
            pool.append(len(text))
            pool.extend(map(ord, text))
        return places[text]

    for first, status, mapped in current_rows():
        if status in "VD" or (status == "3" and mapped is None):
            value = VALID
        elif status in "M3":
            value = mapping(mapped)
        elif status == "I":
            value = IGNORED
        elif status == "X":
            value = DISALLOWED
        else:
            sys.exit(f"make_idna_tables: unknown status {status}")
        if not runs or runs[-1][1] != value:
            runs.append((first, value))
    return runs


def joining_runs():
    """Runs of dual-joining, left-joining, right-joining and transparent characters."""
    runs = []
    for code_point, joining in sorted(idnadata.joining_types.items()):
        letter = chr(joining) if isinstance(joining, int) else joining
        if letter not in "DLRT":
            continue
        if runs and runs[-1][1] == code_point - 1 and runs[-1][2] == letter:
            runs[-1][1] = code_point
        else:
            runs.append([code_point, code_point, letter])
    return runs


def array(out, kind, name, items):
    out.write(f"const {kind} {name}[] = {{")
    for at, item in enumerate(items):
        out.write(("\n    " if at % 12 == 0 else " ") + f"{item},")
    out.write("\n};\n\n")


def main():
    if len(sys.argv) != 2 or not sys.argv[1].endswith(".c"):
        sys.exit("usage: make_idna_tables.py OUTPUT.c")
    pool = []
    runs = values(pool)
    joining = joining_runs()
    if FIRST_MAPPING + len(pool) > 0xFFFF:
        sys.exit("make_idna_tables: the mappings no longer fit 16 bits")
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write(f"/* Generated from idna data {uts46data.__version__}. */\n")
        out.write('#include "grammar/idna_tables.h"\n\n')
        array(out, "uint32_t", "idna_run_first", [hex(first) for first, _ in runs])
        array(out, "uint16_t", "idna_run_value", [value for _, value in runs])
        out.write(f"const size_t idna_run_count = {len(runs)};\n\n")
        array(out, "uint32_t", "idna_mappings", map(hex, pool))
        array(
            out,
            "struct idna_joining_run",
            "idna_joining_runs",
            [f"{{{a:#x}, {b:#x}, '{letter}'}}" for a, b, letter in joining],
        )
        out.write(f"const size_t idna_joining_run_count = {len(joining)};\n")


main()
