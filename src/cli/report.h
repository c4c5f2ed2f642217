/* Errors and warnings on the streams: the JSON envelope, and text for people.
 *
 * Source: docs/cli.md, "Output modes". Human errors are `[code] field: message`, then
 *   causes; beyond that the place with its line and a caret, and what to do. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <influxdb3_plugin.h>

#include "base/diag.h"
#include "cli/options.h"
#include "cli/output.h"

/* The error of a failed call; the exit status. For one of class 2 the usage of
 * `command` follows. */
int report_error(struct output *output, const struct command *command,
                 const i3p_diagnostic *error);

/* An error of the command's own, without a place, field or anything nested. */
int report_plain(struct output *output, const struct diag *error);

/* The same for one of the command line. `wants_help` adds the whole help. */
int report_usage(struct output *output, const struct command *command,
                 const struct diag *error, bool wants_help);

/* Nothing in json mode. */
void report_warnings(struct output *output, const i3p_result *result);

/* `{"status":"ok","result":`, to be followed by the result and report_end_result. */
struct buf *report_begin_result(struct output *output);
void report_end_result(struct output *output);

/* `"key":"text"`, or `"key":null` for an absent text; a comma first unless `is_first`.
 */
void report_member(struct buf *out, bool is_first, const char *key, i3p_text text);

static inline struct str str_of_text(i3p_text text) {
    return (struct str){text.ptr, text.len};
}

#endif
