/* influxdb3-plugin: arguments in, one command, its exit status out. */
#include "cli/run.h"

int main(int argc, char **argv) {
    return run_main(argc, argv, network_start_helper);
}
