"""Writes idna_tables.c: the UTS #46 mapping and the joining types of the installed
python3-idna as C arrays. Run when building: make_idna_tables.py OUTPUT.

Statuses are those of non-transitional processing without the STD3 rules: deviation
characters are valid, and what only STD3 disallows is valid or mapped.
"""

import sys

from idna import idnadata, uts46data

LAST = 0x10FFFF
VALID, IGNORED, DISALLOWED, FIRST_MAPPING = 0, 1, 2, 3  # as in idna_tables.h

# What UTS #46 has changed since Unicode 14 for characters that Unicode 14 has.
CHANGES = {
    0x1E9E: "\u00df",  # since 15.1 the capital sharp s keeps its identity
}


def values(pool):
    """The value of each run of code points as (first, value), runs merged."""
    places = {}
    runs = []

    def add(first, value):
        if not runs or runs[-1][1] != value:
            runs.append((first, value))

    def mapping(text):
        if text not in places:
            places[text] = FIRST_MAPPING + len(pool)
            pool.append(len(text))
            pool.extend(map(ord, text))
        return places[text]

    rows = uts46data.uts46data
    for row, following in zip(rows, rows[1:] + ((LAST + 1, "X"),)):
        first, status = row[0], row[1]
        mapped = row[2] if len(row) > 2 else None
        for code_point, text in CHANGES.items():
            if first <= code_point < following[0]:
                if (first, following[0]) != (code_point, code_point + 1):
                    sys.exit("make_idna_tables: a change lies inside a run")
                status, mapped = "M", text
        if status in "VD" or (status == "3" and mapped is None):
            add(first, VALID)
        elif status in "M3":
            add(first, mapping(mapped))
        elif status == "I":
            add(first, IGNORED)
        elif status == "X":
            add(first, DISALLOWED)
        else:
            sys.exit(f"make_idna_tables: unknown status {status}")
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
