#include "stores/stores.h"

const struct store_kind store_kinds[] = {
    {NULL, NULL, NULL, NULL},
};
const size_t store_kind_count = sizeof store_kinds / sizeof *store_kinds - 1;
