/* Manifests: every defect has a place inside the document; what is valid stays valid
 * when it is parsed again, and keeps its values in written form. */
#include <stdlib.h>

#include "fuzz.h"

#include "base/utf8.h"
#include "schema/manifest.h"

/* A checked URL or requirement, put in again, stays as it is. */
static void check_again(struct arena *arena, const struct fields *fields) {
    struct diag_list defects = {0};
    struct field_scope scope = {.arena = arena, .defects = &defects};
    struct field_text *triggers =
        arena_array(arena, fields->trigger_count, sizeof *triggers);
    FUZZ_CHECK(triggers != NULL);
    for (size_t i = 0; i < fields->trigger_count; i++) {
        triggers[i].text = fields->triggers[i];
    }
    struct raw_fields raw = {
        .name.text = fields->name,
        .version.text = fields->version,
        .description.text = fields->description,
        .triggers = triggers,
        .trigger_count = fields->trigger_count,
        .homepage.text = fields->homepage,
        .repository.text = fields->repository,
        .documentation.text = fields->documentation,
        .database_version.text = fields->database_version,
    };
    struct fields again = {0};
    FUZZ_CHECK(fields_check_identity(&scope, &raw, &again));
    FUZZ_CHECK(fields_check_rest(&scope, &raw, &again));
    FUZZ_CHECK(defects.count == 0);
    FUZZ_CHECK(str_equal(again.homepage, fields->homepage));
    FUZZ_CHECK(str_equal(again.repository, fields->repository));
    FUZZ_CHECK(str_equal(again.documentation, fields->documentation));
    FUZZ_CHECK(str_equal(again.database_version, fields->database_version));
}

static void check_defects(const struct diag_list *defects, struct str document) {
    FUZZ_CHECK(defects->count > 0);
    for (const struct diag *diag = defects->first; diag != NULL; diag = diag->next) {
        FUZZ_CHECK(diag->place.offset <= document.len);
        FUZZ_CHECK(diag->place.line > 0 && diag->place.column > 0);
        FUZZ_CHECK(diag->place.text.ptr >= document.ptr);
        FUZZ_CHECK(diag->place.text.ptr + diag->place.text.len <=
                   document.ptr + document.len);
        struct buf text;
        buf_init(&text, (size_t)64 << 20);
        diag_message(diag, &text);
        diag_details_json(diag, &text);
        FUZZ_CHECK(!text.failed && text.len > 0);
        buf_release(&text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct str document = {(const char *)data, size};
    struct arena arena = {0};
    struct manifest manifest;
    struct diag_list defects = {0};
    if (size == 0 || !utf8_is_valid(document)) {
        return 0;
    }
    switch (
        manifest_parse(&arena, document, STR("manifest.toml"), &manifest, &defects)) {
    case MANIFEST_OK:
        FUZZ_CHECK(defects.count == 0);
        check_again(&arena, &manifest.fields);
        break;
    case MANIFEST_INVALID:
        check_defects(&defects, document);
        break;
    case MANIFEST_NO_MEMORY:
        FUZZ_CHECK(false);
    }
    arena_release(&arena);
    return 0;
}
