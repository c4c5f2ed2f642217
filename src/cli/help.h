/* Usage lines and help texts, from the option table.
 *
 * Shapes: plain text of at most 80 columns where words allow, no colours.
 * Errors: the result shows in `out->failed`. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/buf.h"
#include "cli/options.h"

/* `influxdb3-plugin package [OPTIONS] --index <INDEX> --out <OUT> [PLUGIN_DIR]`; one
 * line, or two for `new` and what can be given in two ways, the second indented by
 * `indent`. */
void help_append_usage(struct buf *out, const struct command *command, size_t indent);

void help_append(struct buf *out, const struct command *command);

#endif
