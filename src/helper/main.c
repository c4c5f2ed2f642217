/* influxdb3-plugin-registry: the commands of influxdb3-plugin that talk to a registry's
 * host. The command starts it, with the same arguments. */
#include <sys/prctl.h>
#include <sys/resource.h>

#include "cli/run.h"
#include "helper/commands.h"
#include "helper/signals.h"

/* Memory holds credentials: no core file of it, and no other process looks into it. */
static void keep_memory_private(void) {
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int run_command(struct invocation *invocation, char **argv) {
    (void)argv;
    (void)signals_begin();
    switch (invocation->arguments->command->id) {
    case COMMAND_PUBLISH:
        return registry_cmd_publish(invocation);
    case COMMAND_REGISTRY_INIT:
        return registry_cmd_init(invocation);
    case COMMAND_REGISTRY_VERIFY:
        return registry_cmd_verify(invocation);
    case COMMAND_REGISTRY_REPAIR:
        return registry_cmd_repair(invocation);
    case COMMAND_REGISTRY_HISTORY:
        return registry_cmd_history(invocation);
    case COMMAND_REGISTRY_ROLLBACK:
        return registry_cmd_rollback(invocation);
    case COMMAND_REGISTRY_SYNC:
        return registry_cmd_sync(invocation);
    case COMMAND_YANK:
        return registry_cmd_yank(invocation);
    case COMMAND_SEARCH:
        return registry_cmd_search(invocation);
    case COMMAND_INFO:
        return registry_cmd_info(invocation);
    default:
        break; /* the others never need a network */
    }
    return cmd_help(invocation);
}

int main(int argc, char **argv) {
    keep_memory_private();
    return run_main(argc, argv, run_command);
}
