/* The character data of international host names, generated when building by
 * tools/make_idna_tables.py.
 *
 * Source: UTS #46 mapping table, non-transitional, without the STD3 rules;
 * Joining_Type. Shapes: code point runs in ascending order; the runs of the mapping
 * table cover all code points and end where the next one begins. */
#ifndef GRAMMAR_IDNA_TABLES_H
#define GRAMMAR_IDNA_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* Values of a run. From IDNA_FIRST_MAPPING on: that much less is the place in
 * idna_mappings of the length of the replacement, which follows. */
enum { IDNA_VALID, IDNA_IGNORED, IDNA_DISALLOWED, IDNA_FIRST_MAPPING };

extern const uint32_t idna_run_first[];
extern const uint16_t idna_run_value[];
extern const size_t idna_run_count;
extern const uint32_t idna_mappings[];

struct idna_joining_run {
    uint32_t first;
    uint32_t last;
    char type; /* D, L, R or T; other types are not listed */
};

extern const struct idna_joining_run idna_joining_runs[];
extern const size_t idna_joining_run_count;

#endif
