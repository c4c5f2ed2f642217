/* What one label of an international host name must obey.
 *
 * Source: UTS #46, section 4.1 (validity criteria); RFC 5892, appendix A.1 and A.2
 *   (joiners); RFC 5893, section 2 (bidi rule). */
#ifndef GRAMMAR_IDNA_RULES_H
#define GRAMMAR_IDNA_RULES_H

#include "grammar/code_points.h"

/* The value in the mapping table, see idna_tables.h. */
unsigned idna_value(uint32_t code_point);

/* NULL, or what is wrong with a label in normal form: a static phrase. */
const char *idna_label_defect(struct code_points label);

/* Whether a label makes its domain one that the bidi rule applies to. */
bool idna_is_right_to_left(struct code_points label);

/* The bidi rule; an empty label is valid. */
bool idna_bidi_is_valid(struct code_points label);

#endif
