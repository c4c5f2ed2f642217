#include "cli/commands.h"
#include "cli/help.h"
#include "cli/revision.h"

/* Plain text in either mode. */
int cmd_help(struct invocation *invocation) {
    help_append(output_on(invocation->output, STREAM_OUT),
                invocation->arguments->command);
    return 0;
}

int cmd_version(struct invocation *invocation) {
    buf_printf(output_on(invocation->output, STREAM_OUT),
               PROGRAM_NAME " %s, revision %s\n", i3p_version(), I3P_REVISION);
    return 0;
}
