/* The entry point that every fuzz target defines. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A broken promise: stops the fuzzer with the input at hand, in every build. */
#define FUZZ_CHECK(claim)                                                              \
    do {                                                                               \
        if (!(claim)) {                                                                \
            __builtin_trap();                                                          \
        }                                                                              \
    } while (0)

#endif
