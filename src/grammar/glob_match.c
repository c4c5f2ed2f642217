#include "grammar/glob.h"

/* The flags of the steps that matching may stand at, and the range that holds them. */
struct states {
    size_t first;
    size_t end;
    bool *at;
};

static void add_state(struct states *states, size_t step) {
    states->at[step] = true;
    if (step < states->first) {
        states->first = step;
    }
    if (step >= states->end) {
        states->end = step + 1;
    }
}

static bool set_has(const struct byte_set *set, unsigned char byte) {
    return (set->bits[byte / 64] >> (byte % 64) & 1) != 0;
}

/* Adds the steps that follow without taking a byte. They lie ahead, so one pass over
 * the growing range finds all. */
static void follow_free_steps(const struct glob *glob, struct states *now) {
    for (size_t i = now->first; i < now->end; i++) {
        if (!now->at[i]) {
            continue;
        }
        switch (glob->steps[i].kind) {
        case STEP_STAR:
        case STEP_ALL:
            add_state(now, i + 1);
            break;
        case STEP_SPLIT:
            add_state(now, i + 1);
            add_state(now, glob->steps[i].target);
            break;
        case STEP_JUMP:
            add_state(now, glob->steps[i].target);
            break;
        default:
            break;
        }
    }
}

/* Where step `i` leads with this byte; `count` if nowhere. */
static size_t step_to(const struct glob *glob, size_t i, unsigned char byte) {
    const struct step *step = &glob->steps[i];
    switch (step->kind) {
    case STEP_BYTE:
        return step->byte == byte ? i + 1 : glob->count;
    case STEP_ANY:
        return byte != '/' ? i + 1 : glob->count;
    case STEP_CLASS:
        return set_has(&glob->sets[step->target], byte) ? i + 1 : glob->count;
    case STEP_STAR:
        return byte != '/' ? i : glob->count;
    case STEP_ALL:
        return i;
    default:
        return glob->count;
    }
}

/* Moves from `now`, which is emptied, to `next`. */
static void take_byte(const struct glob *glob, struct states *now, struct states *next,
                      unsigned char byte) {
    for (size_t i = now->first; i < now->end; i++) {
        if (now->at[i]) {
            now->at[i] = false;
            size_t to = step_to(glob, i, byte);
            if (to < glob->count) {
                add_state(next, to);
            }
        }
    }
    now->first = glob->count;
    now->end = 0;
    follow_free_steps(glob, next);
}

/* Runs over the text, and over a `/` after it for a directory. Is the end reached, or,
 * for a directory, can it still be? */
static bool run(const struct glob *glob, struct str text, bool directory) {
    bool flags[2][GLOB_MAX_STEPS];
    memset(flags[0], 0, glob->count);
    memset(flags[1], 0, glob->count);
    struct states states[2] = {
        {.first = glob->count, .at = flags[0]},
        {.first = glob->count, .at = flags[1]},
    };
    add_state(&states[0], 0);
    follow_free_steps(glob, &states[0]);
    unsigned now = 0;
    for (size_t i = 0; i < text.len + directory && states[now].end > 0; i++) {
        unsigned char byte = i < text.len ? (unsigned char)text.ptr[i] : '/';
        take_byte(glob, &states[now], &states[1 - now], byte);
        now = 1 - now;
    }
    return directory ? states[now].end > 0 : states[now].at[glob->count - 1];
}

bool glob_matches(const struct glob *glob, struct str text) {
    return run(glob, text, false);
}

bool glob_reaches(const struct glob *glob, struct str directory) {
    return run(glob, directory, true);
}
