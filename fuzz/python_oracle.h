/* CPython's parser, in the process of a fuzz target that is built where it is
 * installed (fuzz/meson.build); without it there is no opinion. */
#ifndef FUZZ_PYTHON_ORACLE_H
#define FUZZ_PYTHON_ORACLE_H

#include "base/str.h"

enum opinion { OPINION_NONE, OPINION_ACCEPTS, OPINION_REJECTS };

/* None, too, of what later versions than the one at hand judge in another way, and of
 * names of characters, which the parser here does not know. */
enum opinion python_oracle(struct str source);

#endif
