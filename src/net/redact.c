#include "net/redact.h"

#include <stdint.h>
#include <stdlib.h>

enum { STARS = 3 };

void redact_wipe(void *memory, size_t size) {
    volatile unsigned char *at = memory;
    while (size-- > 0) {
        *at++ = 0;
    }
}

/* Offset of the secret in the text, or its length. */
static size_t find(struct str text, struct str secret) {
    for (size_t at = 0; text.len - at >= secret.len; at++) {
        if (text.ptr[at] == secret.ptr[0] &&
            memcmp(text.ptr + at, secret.ptr, secret.len) == 0) {
            return at;
        }
    }
    return text.len;
}

static struct str secret_at(const struct redact *redact, size_t i) {
    return (struct str){redact->secrets[i], redact->lengths[i]};
}

static bool grow(struct redact *redact) {
    char **secrets =
        realloc(redact->secrets, (redact->count + 1) * sizeof *redact->secrets);
    if (secrets == NULL) {
        return false;
    }
    redact->secrets = secrets;
    size_t *lengths =
        realloc(redact->lengths, (redact->count + 1) * sizeof *redact->lengths);
    if (lengths == NULL) {
        return false;
    }
    redact->lengths = lengths;
    return true;
}

bool redact_add(struct redact *redact, struct str secret) {
    if (secret.ptr == NULL || secret.len == 0) {
        return true;
    }
    for (size_t i = 0; i < redact->count; i++) {
        if (str_equal(secret_at(redact, i), secret)) {
            return true;
        }
    }
    char *copy = malloc(secret.len);
    if (copy == NULL || !grow(redact)) {
        free(copy);
        return false;
    }
    memcpy(copy, secret.ptr, secret.len);
    /* The longest first, or what a short one leaves of a long one would show. */
    size_t at = redact->count;
    while (at > 0 && redact->lengths[at - 1] < secret.len) {
        redact->secrets[at] = redact->secrets[at - 1];
        redact->lengths[at] = redact->lengths[at - 1];
        at--;
    }
    redact->secrets[at] = copy;
    redact->lengths[at] = secret.len;
    redact->count++;
    return true;
}

void redact_text(const struct redact *redact, char *text) {
    size_t len = strlen(text);
    for (size_t i = 0; i < redact->count; i++) {
        struct str secret = secret_at(redact, i);
        size_t stars = secret.len < STARS ? secret.len : STARS;
        size_t from = 0;
        while (from < len) {
            size_t at = from + find((struct str){text + from, len - from}, secret);
            if (at == len) {
                break;
            }
            memset(text + at, '*', stars);
            memmove(text + at + stars, text + at + secret.len,
                    len - at - secret.len + 1);
            len -= secret.len - stars;
            from = at + stars;
        }
    }
}

bool redact_finds(const struct redact *redact, struct str text) {
    for (size_t i = 0; i < redact->count; i++) {
        if (text.len > 0 && find(text, secret_at(redact, i)) < text.len) {
            return true;
        }
    }
    return false;
}

void redact_release(struct redact *redact) {
    for (size_t i = 0; i < redact->count; i++) {
        redact_wipe(redact->secrets[i], redact->lengths[i]);
        free(redact->secrets[i]);
    }
    free(redact->secrets);
    free(redact->lengths);
    *redact = (struct redact){0};
}
