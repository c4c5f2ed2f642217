/* International host names: UTS #46 processing as the URL Standard's "domain to ASCII"
 * with beStrict false, and Punycode.
 *
 * Source: UTS #46 (non-transitional, CheckHyphens false, CheckBidi and CheckJoiners
 * true, UseSTD3ASCIIRules false, VerifyDnsLength false), RFC 3492, RFC 5893, RFC 5892
 * app. A. Shapes: input is percent-decoded UTF-8; output is lowercase ASCII. Tables are
 * generated when building. */
#ifndef GRAMMAR_IDNA_H
#define GRAMMAR_IDNA_H

#include "base/arena.h"
#include "grammar/grammar.h"

enum grammar_status idna_to_ascii(struct arena *arena, struct str domain,
                                  struct str *ascii, struct syntax_error *error);

#endif
