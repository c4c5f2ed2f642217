/* An index as a file: reading it whole, and writing a changed one into another
 * directory.
 *
 * Source: docs/cli.md, "package" and "yank" (order of checks); docs/deviations.md (the
 *   input is never written).
 * Ownership: diagnostics live in the arena; those of an index view its text, so the
 *   index must outlive them.
 * Errors: REGISTRY_FAILED with one error in `*failure`. */
#ifndef REGISTRY_INDEX_FILE_H
#define REGISTRY_INDEX_FILE_H

#include "base/diag.h"
#include "base/fswrite.h"
#include "schema/index.h"

enum registry_status { REGISTRY_OK, REGISTRY_FAILED, REGISTRY_NO_MEMORY };

enum index_file_status {
    INDEX_FILE_OK,
    INDEX_FILE_UNREADABLE,
    INDEX_FILE_INVALID,
    INDEX_FILE_NO_MEMORY
};

/* A path as it was typed, for people and for opening, and made absolute, for errors and
 * results. */
struct typed_path {
    struct str typed;
    struct str absolute;
};

/* INDEX_FILE_UNREADABLE with an errno value in `*error`, or INDEX_FILE_INVALID with the
 * defects. `index` is to be released in every case. */
enum index_file_status index_file_read(struct index *index, struct typed_path path,
                                       struct arena *arena, int *error,
                                       struct diag_list *defects);

/* What index_file_read's `*error` means, in words. */
const char *index_file_read_text(int error);

/* The same, with both failures as errors of these rows. */
struct index_file_codes {
    enum error_id read_failed;
    enum error_id parse_failed;
};
enum registry_status index_file_load(struct index *index, struct typed_path path,
                                     struct arena *arena,
                                     const struct index_file_codes *codes,
                                     struct diag **failure);

/* Makes the directory for the output; usage::input_output_overlap if the index lies in
 * it, links resolved or not. */
enum registry_status index_file_prepare_out(struct typed_path out,
                                            struct typed_path index,
                                            struct arena *arena, struct diag **failure);

/* The file to write for an output `path`: where a link at that name leads, there or
 * not; but the name itself, to be replaced, where it leads to the index that is read. 0
 * or an errno value. */
int index_file_output(struct arena *arena, struct str path, struct typed_path input,
                      struct str *file);

/* Writes the index to a temporary file for `path` and syncs it; index_file_commit gives
 * it its name. A description that NFC made too long is an error of the row
 * `schema_failed`. */
enum registry_status index_file_write(const struct index *index, struct str path,
                                      struct typed_path input, struct arena *arena,
                                      enum error_id schema_failed,
                                      struct fswrite *write, struct diag **failure);

/* Renames a synced file to `path`. */
enum registry_status index_file_commit(struct fswrite *write, struct str path,
                                       struct arena *arena, struct diag **failure);

/* An error of a row with `path` and `io_kind`, from an errno value. REGISTRY_NO_MEMORY
 * where memory was what failed. */
enum registry_status index_file_io_failure(struct arena *arena, enum error_id id,
                                           struct str path, int error,
                                           struct diag **failure);

#endif
