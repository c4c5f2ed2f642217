#include "index_spec.h"
#include "registry/edit.h"

/* The record of `name@version`, in the arena. */
static const struct index_record *record_of(struct arena *arena, struct str target) {
    struct index_record *record = arena_alloc(arena, sizeof *record);
    struct str *trigger = arena_alloc(arena, sizeof *trigger);
    assert_non_null(record);
    assert_non_null(trigger);
    size_t at = str_find(target, '@');
    *trigger = STR("process_writes");
    *record = (struct index_record){
        .fields = {.name = arena_copy(arena, str_first(target, at)),
                   .version = arena_copy(arena, str_skip(target, at + 1)),
                   .description = STR("About."),
                   .triggers = trigger,
                   .trigger_count = 1,
                   .database_version = STR(">=3.0.0")},
        .published_at = STR("2025-01-01T00:00:00Z"),
        .hash = STR(SPEC_HASH)};
    return record;
}

static void append_index(struct buf *out, const struct index *index) {
    for (size_t i = 0; i < index->count; i++) {
        buf_append(out, out->len == 0 ? STR("") : STR(" "));
        spec_append_entry(out, index, i);
        buf_append(out, index_entry_yanked(index, i) ? STR("!") : STR(""));
    }
}

/* The refusal's code and details. */
static void append_refusal(struct buf *out, const struct diag *refused) {
    buf_append(out, str_of(diag_code(refused)));
    buf_append_byte(out, ' ');
    buf_append(out, refused->field);
    buf_append_byte(out, ' ');
    diag_details_json(refused, out);
}

static void entries_are_added_or_refused(void **state) {
    (void)state;
    struct claims claims;
    struct str columns[3];
    claims_open(&claims, TEST_DATA "/edit_add.txt");
    while (claims_next(&claims, columns, 3)) {
        struct index index;
        struct buf got;
        struct arena arena = {0};
        struct diag_list defects = {0};
        struct diag *refused = NULL;
        assert_int_equal(spec_read(&index, columns[0], &arena, &defects), INDEX_OK);
        buf_init(&got, 1 << 16);
        const struct index_record *record = record_of(&index.arena, columns[1]);
        assert_true(edit_may_add(&index, record->fields.name, record->fields.version,
                                 &arena, &refused));
        bool may = refused == NULL;
        size_t count = index.count;
        assert_true(edit_add(&index, record, &arena, &refused));
        assert_true(may == (refused == NULL));
        assert_int_equal(index.count, count + may);
        if (refused == NULL) {
            append_index(&got, &index);
        } else {
            append_refusal(&got, refused);
        }
        claims_equal(&claims, buf_str(&got), columns[2]);
        buf_release(&got);
        index_release(&index);
        arena_release(&arena);
    }
}

/* What was added is as good as what was read. */
static void entries_that_were_added_are_found(void **state) {
    (void)state;
    struct index index;
    struct arena arena = {0};
    struct diag_list defects = {0};
    struct diag *refused = NULL;
    assert_int_equal(spec_read(&index, STR("a|1.0.0"), &arena, &defects), INDEX_OK);
    struct str targets[] = {STR("b@1.0.0"), STR("a@2.0.0"), STR("b@2.0.0")};
    for (size_t i = 0; i < 3; i++) {
        const struct index_record *record = record_of(&index.arena, targets[i]);
        assert_true(edit_add(&index, record, &arena, &refused));
        assert_null(refused);
        assert_true(edit_add(&index, record, &arena, &refused));
        assert_int_equal(refused->id, ERROR_ALREADY_PUBLISHED);
    }
    assert_true(
        edit_add(&index, record_of(&index.arena, STR("B@3.0.0")), &arena, &refused));
    assert_int_equal(refused->id, ERROR_CANONICAL_COLLISION);
    assert_int_equal(index.count, 4);
    assert_int_equal(index.group_count, 2);
    assert_int_equal(index_find(&index, STR("b"), STR("2.0.0")).exact, 3);
    assert_true(index_entry_has_trigger(&index, 3, STR("process_writes")));
    index_release(&index);
    arena_release(&arena);
}

static void entries_are_yanked_and_taken_back(void **state) {
    (void)state;
    static const char *const outcomes[] = {"yanked", "unyanked", "already_yanked",
                                           "already_unyanked"};
    struct claims claims;
    struct str columns[4];
    claims_open(&claims, TEST_DATA "/edit_yank.txt");
    while (claims_next(&claims, columns, 4)) {
        struct index index;
        struct buf got;
        struct arena arena = {0};
        struct diag_list defects = {0};
        struct diag *refused = NULL;
        enum yank_outcome outcome;
        size_t entry = INDEX_NONE;
        assert_int_equal(spec_read(&index, columns[0], &arena, &defects), INDEX_OK);
        buf_init(&got, 1 << 16);
        size_t at = str_find(columns[1], '@');
        assert_true(edit_yank(
            &index, str_first(columns[1], at), str_skip(columns[1], at + 1),
            str_equal(columns[2], STR("undo")), &arena, &outcome, &entry, &refused));
        if (refused == NULL) {
            buf_append(&got, str_of(outcomes[outcome]));
            append_index(&got, &index);
            assert_true(index_entry_yanked(&index, entry) ==
                        str_equal(columns[2], STR("set")));
        } else {
            assert_int_equal(refused->id, ERROR_ENTRY_NOT_FOUND);
            diag_message(refused, &got);
        }
        claims_equal(&claims, buf_str(&got), columns[3]);
        buf_release(&got);
        index_release(&index);
        arena_release(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_added_or_refused),
        cmocka_unit_test(entries_that_were_added_are_found),
        cmocka_unit_test(entries_are_yanked_and_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
