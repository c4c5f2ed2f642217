#include "cli/options_rows.h"

static const char *const changed_choices[] = {"error", "warn", NULL};

const struct option publish_options[] = {
    {.id = OPTION_POSITIONAL,
     .kind = OPTION_FOLDER,
     .value_name = "DIR",
     .is_repeatable = true,
     .side = SIDE_ONE,
     .fallback = "every plugin below --root",
     .help = "A plugin's directory, which holds `manifest.toml`"},
    REGISTRY_OPTION(SIDE_BOTH),
    OUTPUT_OPTION,
    {.id = OPTION_ROOT,
     .kind = OPTION_FOLDER,
     .name = "root",
     .value_name = "DIR",
     .side = SIDE_OTHER,
     .fallback = "the current directory",
     .help = "Publish every directory in this one that holds a `manifest.toml`"},
    {.id = OPTION_EXCLUDE,
     .kind = OPTION_TEXT,
     .name = "exclude",
     .value_name = "NAME",
     .is_repeatable = true,
     .side = SIDE_OTHER,
     .help = "Pass over directories of this name below the root; may be given several "
             "times"},
    {.id = OPTION_RECURSIVE,
     .kind = OPTION_SWITCH,
     .name = "recursive",
     .side = SIDE_OTHER,
     .help = "Look for plugins at any depth below the root"},
    DRY_RUN_OPTION("Validate, build and compare, and tell what would be published; "
                   "write nothing"),
    {.id = OPTION_CHANGED,
     .kind = OPTION_CHOICE,
     .name = "changed",
     .value_name = "WHAT",
     .choices = changed_choices,
     .fallback = "error",
     .help = "What a plugin is whose version is published with other content"},
    {.id = OPTION_REPLACE_ORPHANS,
     .kind = OPTION_SWITCH,
     .name = "replace-orphans",
     .help = "Replace artifacts that an interrupted publish left and that no entry "
             "names"},
    JOBS_OPTION("Artifacts to build and to upload at once"),
    EXCLUSIVE_OPTION(SIDE_BOTH),
    ADOPT_OPTION(SIDE_BOTH),
    NETWORK_OPTIONS(SIDE_BOTH),
};

const struct option registry_init_options[] = {
    REGISTRY_OPTION(SIDE_BOTH),
    OUTPUT_OPTION,
    {.id = OPTION_ARTIFACTS_URL,
     .kind = OPTION_TEXT,
     .name = "artifacts-url",
     .value_name = "ARTIFACTS_URL",
     .fallback = "the one that the location tells",
     .help = "The https, http or file URL that readers will find artifacts under"},
    EXCLUSIVE_OPTION(SIDE_BOTH),
    NETWORK_OPTIONS(SIDE_BOTH),
};

const struct option registry_verify_options[] = {
    REGISTRY_OPTION(SIDE_BOTH),
    OUTPUT_OPTION,
    {.id = OPTION_DEEP,
     .kind = OPTION_SWITCH,
     .name = "deep",
     .help = "Also unpack and validate every artifact, and compare it with its entry"},
    JOBS_OPTION("Artifacts to fetch at once"),
    NETWORK_OPTIONS(SIDE_BOTH),
};

const struct option registry_repair_options[] = {
    REGISTRY_OPTION(SIDE_BOTH),
    OUTPUT_OPTION,
    {.id = OPTION_REMOVE_ORPHANS,
     .kind = OPTION_SWITCH,
     .name = "remove-orphans",
     .help = "Also remove what no entry names and is no complete plugin"},
    DRY_RUN_OPTION("Tell what would be done; write nothing"),
    EXCLUSIVE_OPTION(SIDE_BOTH),
    ADOPT_OPTION(SIDE_BOTH),
    NETWORK_OPTIONS(SIDE_BOTH),
};

const struct option registry_history_options[] = {
    REGISTRY_OPTION(SIDE_BOTH),
    OUTPUT_OPTION,
    NETWORK_OPTIONS(SIDE_BOTH),
};

const struct option registry_rollback_options[] = {
    REGISTRY_OPTION(SIDE_BOTH),
    OUTPUT_OPTION,
    {.id = OPTION_TO_NUMBER,
     .kind = OPTION_NUMBER,
     .name = "to",
     .value_name = "N",
     .required = true,
     .max = 4294967295,
     .help = "The number of the index to go back to, as `registry history` lists it"},
    DRY_RUN_OPTION("Tell which entries would go and come back; write nothing"),
    EXCLUSIVE_OPTION(SIDE_BOTH),
    ADOPT_OPTION(SIDE_BOTH),
    NETWORK_OPTIONS(SIDE_BOTH),
};

const struct option registry_sync_options[] = {
    OUTPUT_OPTION,
    {.id = OPTION_FROM,
     .kind = OPTION_LOCATION,
     .name = "from",
     .value_name = "LOCATION",
     .required = true,
     .help = "The registry to copy, or the URL of its index"},
    {.id = OPTION_TO,
     .kind = OPTION_LOCATION,
     .name = "to",
     .value_name = "LOCATION",
     .required = true,
     .help = "The registry to copy to; it may hold more, but nothing else under a name "
             "and version of the first"},
    {.id = OPTION_ARTIFACTS_URL,
     .kind = OPTION_TEXT,
     .name = "artifacts-url",
     .value_name = "ARTIFACTS_URL",
     .fallback = "what the second has, or else what its location tells",
     .help = "The URL that readers of the second will find artifacts under"},
    DRY_RUN_OPTION("Compare, and tell what would be copied; write nothing"),
    JOBS_OPTION("Artifacts to copy at once"),
    EXCLUSIVE_OPTION(SIDE_BOTH),
    ADOPT_OPTION(SIDE_BOTH),
    NETWORK_OPTIONS(SIDE_BOTH),
};

const struct example publish_examples[] = {
    {"What of the plugins below ./plugins is new?",
     "publish --root plugins --registry ./registry --dry-run"},
    {"Publish two of them", "publish plugins/downsampler plugins/alerts --registry "
                            "./registry"},
    {"All but one, and pass over versions that have changed since",
     "publish --root plugins --exclude drafts --changed warn --registry ./registry"},
    {NULL, NULL}};

const struct example registry_examples[] = {
    {"Start a registry in a directory that a web server serves",
     "registry init --registry ./registry --artifacts-url "
     "https://plugins.example.com/registry"},
    {"Is everything there, and as it was published?",
     "registry verify --registry ./registry"},
    {NULL, NULL}};

const struct example registry_init_examples[] = {
    {"In a directory that a web server serves",
     "registry init --registry ./registry --artifacts-url "
     "https://plugins.example.com/registry"},
    {NULL, NULL}};

const struct example registry_verify_examples[] = {
    {"Every artifact there, with its hash", "registry verify --registry ./registry"},
    {"And each a valid plugin", "registry verify --deep --registry ./registry"},
    {NULL, NULL}};

const struct example registry_repair_examples[] = {
    {"What is there to mend?", "registry repair --dry-run --registry ./registry"},
    {NULL, NULL}};

const struct example registry_history_examples[] = {
    {"Earlier indexes, the newest first", "registry history --registry ./registry"},
    {NULL, NULL}};

const struct example registry_rollback_examples[] = {
    {"What would going back to number 7 take away?",
     "registry rollback --to 7 --dry-run --registry ./registry"},
    {NULL, NULL}};

const struct example registry_sync_examples[] = {
    {"Copy a registry into another directory",
     "registry sync --from ./registry --to ./copy --artifacts-url "
     "https://mirror.example.com/registry"},
    {NULL, NULL}};
