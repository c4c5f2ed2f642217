#include <stdlib.h>

#include "base/limits.h"
#include "plugin/gunzip.h"
#include "plugin/untar.h"
#include "registry/plan.h"

struct member {
    struct str path; /* without the prefix */
    struct str content;
    bool is_executable;
};

struct members {
    struct member *items;
    size_t count;
};

static int by_path(const void *left, const void *right) {
    const struct member *a = left;
    const struct member *b = right;
    return str_compare(a->path, b->path);
}

/* Below the prefix; absent: it lies elsewhere. */
static struct str below(struct str prefix, struct str path) {
    if (!str_starts_with(path, prefix) || path.len < prefix.len + 2 ||
        path.ptr[prefix.len] != '/') {
        return STR_NONE;
    }
    return str_skip(path, prefix.len + 1);
}

enum listing { LISTED, NOT_LISTED, LIST_NO_MEMORY };

/* All regular files, by path. A path that stands twice is the last one's, as where it
 * is unpacked; anything else than a file makes it no artifact. */
static enum listing list_members(struct arena *arena, struct str archive,
                                 struct str prefix, struct members *members) {
    struct untar untar;
    struct untar_member found;
    enum untar_status status;
    size_t count = 0;
    untar_begin(&untar, archive);
    while ((status = untar_next(&untar, &found)) == UNTAR_MEMBER) {
        count++;
        if (!found.is_file || below(prefix, found.path).ptr == NULL ||
            count > LIMIT_PLUGIN_FILES) {
            return NOT_LISTED;
        }
    }
    if (status == UNTAR_INVALID) {
        return NOT_LISTED;
    }
    members->items = arena_array(arena, count, sizeof *members->items);
    members->count = count;
    if (members->items == NULL) {
        return LIST_NO_MEMORY;
    }
    untar_begin(&untar, archive);
    for (size_t i = 0; i < count && untar_next(&untar, &found) == UNTAR_MEMBER; i++) {
        members->items[i] = (struct member){
            .path = arena_copy(arena, below(prefix, found.path)),
            .content = found.content,
            .is_executable = found.is_executable,
        };
        if (members->items[i].path.ptr == NULL) {
            return LIST_NO_MEMORY;
        }
    }
    if (count > 0) {
        qsort(members->items, count, sizeof *members->items, by_path);
    }
    for (size_t i = 1; i < count; i++) {
        if (str_equal(members->items[i].path, members->items[i - 1].path)) {
            return NOT_LISTED;
        }
    }
    return LISTED;
}

static bool merge(struct arena *arena, const struct members *ours,
                  const struct members *theirs, struct plan_files *files) {
    *files = (struct plan_files){0};
    files->paths = arena_array(arena, ours->count + theirs->count, sizeof(struct str));
    if (files->paths == NULL) {
        return false;
    }
    size_t a = 0;
    size_t b = 0;
    while (a < ours->count || b < theirs->count) {
        int order = a == ours->count     ? 1
                    : b == theirs->count ? -1
                                         : by_path(&ours->items[a], &theirs->items[b]);
        if (order < 0) {
            files->paths[files->count++] = ours->items[a++].path;
            files->added++;
        } else if (order > 0) {
            files->paths[files->count++] = theirs->items[b++].path;
            files->removed++;
        } else {
            const struct member *one = &ours->items[a++];
            const struct member *other = &theirs->items[b++];
            if (!str_equal(one->content, other->content) ||
                one->is_executable != other->is_executable) {
                files->paths[files->count++] = one->path;
                files->changed++;
            }
        }
    }
    return true;
}

static enum plan_difference compare_streams(struct arena *arena, struct str ours,
                                            struct str theirs, struct str prefix,
                                            struct plan_files *files) {
    struct members our_members;
    struct members their_members;
    if (str_equal(ours, theirs)) {
        return PLAN_SAME;
    }
    enum listing listing = list_members(arena, ours, prefix, &our_members);
    if (listing != LISTED) {
        return listing == NOT_LISTED ? PLAN_OURS_INVALID : PLAN_COMPARE_NO_MEMORY;
    }
    listing = list_members(arena, theirs, prefix, &their_members);
    if (listing != LISTED) {
        return listing == NOT_LISTED ? PLAN_THEIRS_INVALID : PLAN_COMPARE_NO_MEMORY;
    }
    if (!merge(arena, &our_members, &their_members, files)) {
        return PLAN_COMPARE_NO_MEMORY;
    }
    return files->count == 0 ? PLAN_SAME : PLAN_DIFFERENT;
}

enum plan_difference plan_compare(struct arena *arena, struct str ours,
                                  struct str theirs, struct str prefix, uint64_t limit,
                                  struct plan_files *files) {
    struct buf our_stream;
    struct buf their_stream;
    enum plan_difference result = PLAN_COMPARE_NO_MEMORY;
    *files = (struct plan_files){0};
    buf_init(&our_stream, SIZE_MAX / 2);
    buf_init(&their_stream, (size_t)limit);
    enum gunzip_status our_status = gunzip(ours, &our_stream);
    /* One of the same content is no larger. */
    their_stream.max =
        our_stream.len > their_stream.max ? our_stream.len : their_stream.max;
    enum gunzip_status their_status =
        our_status == GUNZIP_OK ? gunzip(theirs, &their_stream) : GUNZIP_OK;
    if (our_status == GUNZIP_INVALID || our_status == GUNZIP_TOO_LARGE) {
        result = PLAN_OURS_INVALID;
    } else if (their_status == GUNZIP_INVALID) {
        result = PLAN_THEIRS_INVALID;
    } else if (their_status == GUNZIP_TOO_LARGE) {
        result = PLAN_THEIRS_TOO_LARGE;
    } else if (our_status == GUNZIP_OK && their_status == GUNZIP_OK) {
        result = compare_streams(arena, buf_str(&our_stream), buf_str(&their_stream),
                                 prefix, files);
    }
    buf_release(&our_stream);
    buf_release(&their_stream);
    return result;
}
