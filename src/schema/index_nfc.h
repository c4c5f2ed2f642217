/* Descriptions in Unicode normalization form C.
 *
 * Source: UAX #15; docs/formats.md, "Canonical serialization". */
#ifndef SCHEMA_INDEX_NFC_H
#define SCHEMA_INDEX_NFC_H

#include "base/arena.h"

/* Certainly normal? Knows ASCII and the blocks where no character composes. */
bool index_nfc_is_plain(struct str text);

/* The text in NFC: itself where that changes nothing, else in the arena. `ptr` is NULL
 * when memory is out. */
struct str index_nfc(struct arena *arena, struct str text);

#endif
