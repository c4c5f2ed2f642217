/* Archives from anywhere: every view lies in the archive, and reading ends. */
#include "fuzz.h"
#include "plugin/gunzip.h"
#include "plugin/untar.h"

enum { UNPACKED_MOST = 1 << 16 };

static bool lies_in(struct str part, struct str whole) {
    return part.len == 0 || (part.ptr >= whole.ptr && part.len <= whole.len &&
                             (size_t)(part.ptr - whole.ptr) <= whole.len - part.len);
}

/* Members lie in the archive, one behind the other. */
static void read_archive(struct str archive) {
    struct untar untar;
    struct untar_member member;
    const char *last = archive.ptr;
    untar_begin(&untar, archive);
    while (untar_next(&untar, &member) == UNTAR_MEMBER) {
        struct str room = {untar.room, sizeof untar.room};
        FUZZ_CHECK(lies_in(member.path, archive) || lies_in(member.path, room));
        FUZZ_CHECK(lies_in(member.content, archive));
        FUZZ_CHECK(member.content.ptr > last);
        last = member.content.ptr;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str input = {(const char *)data, size};
    struct buf out;
    buf_init(&out, UNPACKED_MOST);
    read_archive(input);
    if (gunzip(input, &out) == GUNZIP_OK) {
        FUZZ_CHECK(out.len <= UNPACKED_MOST);
        read_archive(buf_str(&out));
    }
    buf_release(&out);
    return 0;
}
