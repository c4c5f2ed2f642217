/* Every interleaving of two publishers, request by request, and many of five.
 *
 * I3P_SCHEDULES: how many random schedules (10,000). */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "change_model.h"

static size_t schedules(void) {
    const char *text = getenv("I3P_SCHEDULES");
    return text == NULL ? 10000 : (size_t)strtoull(text, NULL, 10);
}

/* The long searches belong to the full run. */
static bool is_full(void) {
    return schedules() >= 100000;
}

/* Marks of worlds that were seen: an open table, doubled as it fills. */
struct seen {
    struct world_mark *marks;
    size_t room;
    size_t count;
};

static void seen_add(struct seen *seen, struct world_mark mark);

static void seen_grow(struct seen *seen) {
    struct seen old = *seen;
    seen->room = old.room == 0 ? 1 << 16 : old.room * 2;
    seen->count = 0;
    seen->marks = calloc(seen->room, sizeof *seen->marks);
    assert_non_null(seen->marks);
    for (size_t i = 0; i < old.room; i++) {
        if ((old.marks[i].half[0] | old.marks[i].half[1]) != 0) {
            seen_add(seen, old.marks[i]);
        }
    }
    free(old.marks);
}

static struct world_mark *seen_place(const struct seen *seen, struct world_mark mark) {
    size_t at = (size_t)mark.half[0] & (seen->room - 1);
    while ((seen->marks[at].half[0] | seen->marks[at].half[1]) != 0 &&
           memcmp(&seen->marks[at], &mark, sizeof mark) != 0) {
        at = (at + 1) & (seen->room - 1);
    }
    return &seen->marks[at];
}

static void seen_add(struct seen *seen, struct world_mark mark) {
    *seen_place(seen, mark) = mark;
    seen->count++;
}

/* Was it new? */
static bool seen_first(struct seen *seen, struct world_mark mark) {
    if (seen->count * 2 >= seen->room) {
        seen_grow(seen);
    }
    struct world_mark *place = seen_place(seen, mark);
    if ((place->half[0] | place->half[1]) != 0) {
        return false;
    }
    *place = mark;
    seen->count++;
    return true;
}

/* How one got to a world: from which, by what. */
struct way {
    uint32_t parent;
    uint8_t publisher;
    uint8_t event; /* a fault, or one of these */
};
enum { DEATH = FAULT_COUNT, ARRIVAL };

struct open_world {
    struct world world;
    uint32_t way;
};

struct search {
    const struct model_rules *rules;
    struct seen seen;
    struct way *ways; /* one a world seen */
    size_t way_count;
    size_t way_room;
    struct open_world *open; /* depth first */
    size_t open_count;
    size_t open_room;
    size_t ends;
    const char *wrong;
    uint32_t wrong_way;
};

static void *grow(void *items, size_t *room, size_t size) {
    *room = *room == 0 ? 256 : *room * 2;
    items = realloc(items, *room * size);
    assert_non_null(items);
    return items;
}

static void push(struct search *search, const struct world *world, struct way way) {
    const char *wrong = model_check(world, search->rules);
    if (wrong == NULL && !seen_first(&search->seen, model_mark(world, search->rules))) {
        return;
    }
    if (search->way_count == search->way_room) {
        search->ways = grow(search->ways, &search->way_room, sizeof *search->ways);
    }
    if (search->open_count == search->open_room) {
        search->open = grow(search->open, &search->open_room, sizeof *search->open);
    }
    search->ways[search->way_count] = way;
    if (wrong != NULL && search->wrong == NULL) {
        search->wrong = wrong;
        search->wrong_way = (uint32_t)search->way_count;
    }
    struct open_world *open = &search->open[search->open_count++];
    open->world = *world;
    open->way = (uint32_t)search->way_count++;
}

static void go(struct world *world, const struct model_rules *rules, struct way way) {
    if (way.event == DEATH) {
        model_kill(world, way.publisher);
    } else if (way.event == ARRIVAL) {
        model_arrive(world, rules);
    } else {
        model_step(world, rules, way.publisher, (enum model_fault)way.event);
    }
}

static void try(struct search *search, const struct world *from, struct way way) {
    struct world world = *from;
    go(&world, search->rules, way);
    push(search, &world, way);
}

/* All that may happen next. */
static void expand(struct search *search, const struct open_world *open) {
    const struct model_rules *rules = search->rules;
    struct world world = open->world;
    bool is_running = false;
    for (uint8_t i = 0; i < rules->publishers; i++) {
        if (!model_is_running(&world, i)) {
            continue;
        }
        is_running = true;
        for (uint8_t fault = FAULT_NONE; fault < FAULT_COUNT; fault++) {
            if (model_may(&world, rules, i, (enum model_fault)fault)) {
                try(search, &world, (struct way){open->way, i, fault});
            }
        }
        if (world.deaths > 0) {
            try(search, &world, (struct way){open->way, i, DEATH});
        }
    }
    if (model_is_late(&world)) {
        try(search, &world, (struct way){open->way, 0, ARRIVAL});
    }
    if (!is_running && search->wrong == NULL) {
        search->ends++;
        search->wrong = model_check_end(&world, rules);
        search->wrong_way = open->way;
    }
}

/* The way to what is wrong. */
static void tell(const struct search *search) {
    static const char *const events[] = {"",       "LOST",        "TOOK",       "LATE",
                                         "REPEAT", "FAIL_BEFORE", "FAIL_AFTER", "HALF",
                                         "DEATH",  "ARRIVAL"};
    struct way *ways = calloc(search->way_count, sizeof *ways);
    size_t len = 0;
    assert_non_null(ways);
    for (uint32_t at = search->wrong_way; at != 0; at = search->ways[at].parent) {
        ways[len++] = search->ways[at];
    }
    struct world world;
    model_start(&world, search->rules);
    while (len-- > 0) {
        print_message("  %s %s\n", model_describe(&world, ways[len].publisher),
                      events[ways[len].event]);
        go(&world, search->rules, ways[len]);
    }
    free(ways);
}

static void search_all(struct search *search, bool breadth_first) {
    struct world world;
    size_t first = 0;
    model_start(&world, search->rules);
    push(search, &world, (struct way){0});
    while (search->open_count > first && search->wrong == NULL) {
        struct open_world open =
            search->open[breadth_first ? first++ : --search->open_count];
        expand(search, &open);
    }
}

static void search_release(struct search *search) {
    free(search->open);
    free(search->ways);
    free(search->seen.marks);
}

/* The first thing wrong in any world that can be reached, or NULL. `tells` the shortest
 * way there. */
static const char *explore(const struct model_rules *rules, const char *name,
                           bool tells) {
    struct search search = {.rules = rules};
    search_all(&search, false);
    const char *wrong = search.wrong;
    print_message("%s: %zu states, %zu ends%s%s\n", name, search.seen.count,
                  search.ends, wrong == NULL ? "" : ": ", wrong == NULL ? "" : wrong);
    search_release(&search);
    if (wrong != NULL && tells) {
        search = (struct search){.rules = rules};
        search_all(&search, true);
        tell(&search);
        search_release(&search);
    }
    return wrong;
}

static void two_under_compare_and_swap(void **state) {
    (void)state;
    struct model_rules rules = {
        .mode = STORE_CAS, .publishers = 2, .faults = 1, .deaths = 1};
    assert_null(explore(&rules, "compare-and-swap", true));
    rules.has_serials = true;
    assert_null(explore(&rules, "compare-and-swap, serials kept", true));
}

static void two_with_a_journal(void **state) {
    (void)state;
    struct model_rules rules = {
        .mode = STORE_JOURNAL, .publishers = 2, .has_digests = true};
    assert_null(explore(&rules, "journal", true));
    rules.deaths = 1;
    assert_null(explore(&rules, "journal, a death", true));
    if (is_full()) {
        rules.faults = 1;
        rules.deaths = 0;
        assert_null(explore(&rules, "journal, a fault", true));
        rules.deaths = 1;
        assert_null(explore(&rules, "journal, a death and a fault", true));
        rules.has_digests = false;
        assert_null(explore(&rules, "the same without digests", true));
        rules.has_digests = true;
        rules.deaths = 0;
        rules.faults = 2;
        assert_null(explore(&rules, "journal, two faults", true));
    }
    rules = (struct model_rules){.mode = STORE_JOURNAL,
                                 .publishers = 2,
                                 .has_digests = true,
                                 .kept = 1,
                                 .faults = is_full()};
    assert_null(explore(&rules, "journal, one entry kept", true));
}

static void two_under_a_lock(void **state) {
    (void)state;
    struct model_rules rules = {
        .mode = STORE_JOURNAL_LOCKED, .publishers = 2, .deaths = 1};
    assert_null(explore(&rules, "journal under a lock, a death", true));
    if (is_full()) {
        rules.faults = 1;
        assert_null(explore(&rules, "the same and a fault", true));
    }
}

static void an_index_is_made_by_one(void **state) {
    (void)state;
    static const enum store_mode modes[] = {STORE_CAS, STORE_JOURNAL,
                                            STORE_JOURNAL_LOCKED};
    for (size_t i = 0; i < 3; i++) {
        struct model_rules rules = {.mode = modes[i],
                                    .publishers = 2,
                                    .is_seeding = true,
                                    .faults = 1,
                                    .deaths = 1,
                                    .has_digests = true};
        assert_null(explore(&rules, "making an index, a fault and a death", true));
    }
}

static void an_index_made_otherwise_is_the_base(void **state) {
    (void)state;
    struct model_rules rules = {.mode = STORE_JOURNAL,
                                .publishers = 2,
                                .is_made_otherwise = true,
                                .faults = is_full(),
                                .deaths = 1,
                                .has_digests = true};
    assert_null(explore(&rules, "an index without a journal", true));
    rules.mode = STORE_JOURNAL_LOCKED;
    rules.has_digests = false;
    assert_null(explore(&rules, "the same under a lock", true));
}

/* A random number, the same ones in each run. */
static uint64_t draw(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 11;
}

/* One random step of one who runs. */
static void stumble(struct world *world, const struct model_rules *rules,
                    size_t running, uint64_t *seed) {
    size_t nth = (size_t)draw(seed) % running;
    size_t at = 0;
    while (!model_is_running(world, at) || nth-- > 0) {
        at++;
    }
    enum model_fault fault = (enum model_fault)(draw(seed) % (FAULT_COUNT * 8));
    if (model_is_late(world) && draw(seed) % 8 == 0) {
        model_arrive(world, rules);
    } else if (world->deaths > 0 && draw(seed) % 64 == 0) {
        model_kill(world, at);
    } else {
        bool may = fault < FAULT_COUNT && model_may(world, rules, at, fault);
        model_step(world, rules, at, may ? fault : FAULT_NONE);
    }
}

/* The first thing wrong in so many schedules, or NULL. */
static const char *wander(const struct model_rules *rules, size_t schedules,
                          const char *name) {
    uint64_t seed = 0x9e3779b97f4a7c15;
    uint64_t steps = 0;
    size_t longest = 0;
    const char *wrong = NULL;
    size_t done = 0;
    for (; done < schedules && wrong == NULL; done++) {
        struct world world;
        size_t running = rules->publishers;
        size_t len = 0;
        model_start(&world, rules);
        while (running > 0 && wrong == NULL) {
            stumble(&world, rules, running, &seed);
            wrong = ++len > 20000 ? "they never end" : model_check(&world, rules);
            running = 0;
            for (size_t i = 0; i < rules->publishers; i++) {
                running += model_is_running(&world, i);
            }
        }
        wrong = wrong == NULL ? model_check_end(&world, rules) : wrong;
        steps += len;
        longest = len > longest ? len : longest;
    }
    print_message("%s: %zu schedules, %llu requests, at most %zu in one%s%s\n", name,
                  done, (unsigned long long)steps, longest, wrong == NULL ? "" : ": ",
                  wrong == NULL ? "" : wrong);
    return wrong;
}

static void five_at_random(void **state) {
    (void)state;
    struct model_rules rules = {
        .mode = STORE_CAS, .publishers = 5, .faults = 2, .deaths = 1};
    assert_null(wander(&rules, schedules(), "five, compare-and-swap"));
    rules.mode = STORE_JOURNAL;
    rules.has_digests = true;
    assert_null(wander(&rules, schedules(), "five, journal"));
    rules.kept = 2;
    assert_null(wander(&rules, schedules() / 4, "five, journal, two entries kept"));
    rules.kept = 0;
    /* What GitHub answers to a rename onto a taken name is not documented. */
    rules.renames_over = true;
    assert_null(wander(&rules, schedules() / 4, "five, journal, renames that replace"));
    rules.renames_over = false;
    rules.has_digests = false;
    rules.mode = STORE_JOURNAL_LOCKED;
    assert_null(wander(&rules, schedules() / 4, "five, journal under a lock"));
}

/* Hosts that break their promises, and protocols that ask too little of them: none of
 * it goes unnoticed. */
static void hosts_that_lie_are_caught(void **state) {
    (void)state;
    struct model_rules rules = {
        .mode = STORE_CAS, .publishers = 2, .ignores_revisions = true};
    assert_non_null(explore(&rules, "a blind replace", false));
    rules = (struct model_rules){.mode = STORE_JOURNAL,
                                 .publishers = 2,
                                 .has_digests = true,
                                 .ignores_names = true};
    assert_non_null(explore(&rules, "a blind creation", false));
    rules = (struct model_rules){.mode = STORE_JOURNAL,
                                 .publishers = 5,
                                 .has_digests = true,
                                 .ignores_identity = true};
    assert_non_null(wander(&rules, 100000, "a removal that succeeds twice"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_under_compare_and_swap),
        cmocka_unit_test(two_with_a_journal),
        cmocka_unit_test(two_under_a_lock),
        cmocka_unit_test(an_index_is_made_by_one),
        cmocka_unit_test(an_index_made_otherwise_is_the_base),
        cmocka_unit_test(five_at_random),
        cmocka_unit_test(hosts_that_lie_are_caught),
    };
    int status = cmocka_run_group_tests(tests, NULL, NULL);
    model_release();
    return status;
}
