#include "stores/child_note.h"

#include "net/redact.h"
#include "stores/location_secret.h"

extern char **environ;

/* Shorter values are words that may stand anywhere. */
enum { SHORTEST_SECRET = 6, SHOWN_MAX = 600 };

/* Of a value with several lines each is a secret: they may be shown apart. */
static bool add_lines(struct redact *redact, struct str value) {
    for (size_t at = 0; at < value.len;) {
        struct str rest = str_skip(value, at);
        size_t end = str_find(rest, '\n');
        struct str line = str_trim(str_first(rest, end));
        if (line.len >= SHORTEST_SECRET && !redact_add(redact, line)) {
            return false;
        }
        at += end + 1;
    }
    return true;
}

static bool add_environment(struct redact *redact) {
    for (char **each = environ; each != NULL && *each != NULL; each++) {
        struct str pair = str_of(*each);
        size_t equals = str_find(pair, '=');
        if (equals < pair.len && location_name_is_secret(str_first(pair, equals)) &&
            !add_lines(redact, str_skip(pair, equals + 1))) {
            return false;
        }
    }
    return true;
}

void child_note_clean(char *text) {
    struct redact redact = {0};
    if (text[0] != '\0') {
        if (add_environment(&redact)) {
            redact_text(&redact, text);
        } else {
            text[0] = '\0';
        }
    }
    redact_release(&redact);
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7F) {
            *c = ' ';
        }
    }
    struct str inner = str_trim(str_of(text));
    if (inner.len > SHOWN_MAX) {
        inner = str_skip(inner, inner.len - SHOWN_MAX);
        while (inner.len > 0 && ((unsigned char)inner.ptr[0] & 0xC0) == 0x80) {
            inner = str_skip(inner, 1); /* not from the middle of a character */
        }
    }
    memmove(text, inner.ptr, inner.len);
    text[inner.len] = '\0';
}
