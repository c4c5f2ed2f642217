#include "registry/publish.h"

#include "base/json_write.h"
#include "base/path.h"
#include "base/utf8.h"
#include "helper/commands.h"
#include "helper/progress.h"
#include "helper/session.h"

static struct str outcome_text(enum publish_outcome outcome) {
    switch (outcome) {
    case PUBLISH_PUBLISHED:
        return STR("published");
    case PUBLISH_UNCHANGED:
        return STR("unchanged");
    case PUBLISH_CHANGED:
        return STR("changed");
    case PUBLISH_WOULD_PUBLISH:
        break;
    }
    return STR("would_publish");
}

static size_t count_of(const struct publish_result *publish,
                       enum publish_outcome outcome) {
    size_t count = 0;
    for (size_t i = 0; i < publish->plugin_count; i++) {
        count += publish->plugins[i].outcome == outcome;
    }
    return count;
}

static void show_progress(void *context, const struct publish_progress *progress) {
    (void)context;
    static const char *const verbs[] = {[PUBLISH_BUILDING] = "building",
                                        [PUBLISH_UPLOADING] = "uploading",
                                        [PUBLISH_INDEXING] = "indexing"};
    progress_show(verbs[progress->phase], progress->done, progress->total,
                  progress->what);
}

/* ---- JSON ---- */

static void json_text(struct buf *out, const char *key, struct str text) {
    buf_append(out, STR(","));
    json_append_key(out, str_of(key));
    json_append_string(out, text);
}

static void json_plugin(struct buf *out, const struct publish_plugin *plugin) {
    buf_append(out, STR("{\"dir\":"));
    json_append_string(out, plugin->dir);
    json_text(out, "name", plugin->name);
    json_text(out, "version", plugin->version);
    json_text(out, "outcome", outcome_text(plugin->outcome));
    json_text(out, "hash", plugin->hash);
    json_text(out, "artifact_url", plugin->artifact_url);
    if (plugin->published_at.ptr != NULL) {
        json_text(out, "published_at", plugin->published_at);
    }
    if (plugin->outcome == PUBLISH_CHANGED) {
        buf_append(out, STR(",\"files\":["));
        for (size_t i = 0; i < plugin->differing_count; i++) {
            buf_append(out, i == 0 ? STR("") : STR(","));
            json_append_string(out, plugin->differing[i]);
        }
        buf_append(out, STR("]"));
    }
    buf_append(out, STR("}"));
}

static void print_json(struct session *session, const struct publish_result *publish) {
    struct buf *out = report_begin_result(session->output);
    buf_append(out, STR("{\"plugins\":["));
    for (size_t i = 0; i < publish->plugin_count; i++) {
        buf_append(out, i == 0 ? STR("") : STR(","));
        json_plugin(out, &publish->plugins[i]);
        output_flush_some(session->output, STREAM_OUT);
    }
    buf_append(out, STR("],"));
    session_json_written(session, &publish->written);
    buf_append(out, STR("}"));
    report_end_result(session->output);
}

/* ---- text ---- */

static struct str outcome_words(enum publish_outcome outcome) {
    return outcome == PUBLISH_WOULD_PUBLISH ? STR("would publish")
                                            : outcome_text(outcome);
}

struct widths {
    size_t outcome;
    size_t name;
    size_t version;
    size_t dir;
};

static size_t dir_width(const struct session *session,
                        const struct publish_plugin *plugin) {
    return utf8_count(path_shown(session->output->cwd, plugin->dir));
}

static struct widths measure(const struct session *session,
                             const struct publish_result *publish) {
    struct widths widths = {0, 0, 0, 0};
    for (size_t i = 0; i < publish->plugin_count; i++) {
        const struct publish_plugin *plugin = &publish->plugins[i];
        size_t outcome = outcome_words(plugin->outcome).len;
        widths.outcome = outcome > widths.outcome ? outcome : widths.outcome;
        widths.name = plugin->name.len > widths.name ? plugin->name.len : widths.name;
        widths.version =
            plugin->version.len > widths.version ? plugin->version.len : widths.version;
        size_t dir = dir_width(session, plugin);
        widths.dir = dir > widths.dir ? dir : widths.dir;
    }
    return widths;
}

static void text_plugin(struct session *session, const struct widths *widths,
                        const struct publish_plugin *plugin) {
    struct buf *out = output_on(session->output, STREAM_OUT);
    struct str outcome = outcome_words(plugin->outcome);
    bool is_new = plugin->outcome == PUBLISH_PUBLISHED ||
                  plugin->outcome == PUBLISH_WOULD_PUBLISH;
    buf_append(out, outcome);
    buf_append_fill(out, ' ', widths->outcome - outcome.len + 2);
    output_begin_style(session->output, STREAM_OUT, STYLE_STRONG);
    output_escaped(out, plugin->name);
    output_end_style(session->output, STREAM_OUT);
    buf_append_fill(out, ' ', widths->name - plugin->name.len + 2);
    output_escaped(out, plugin->version);
    buf_append_fill(out, ' ', widths->version - plugin->version.len + 2);
    output_path(session->output, out, plugin->dir);
    if (is_new || plugin->differing_count > 0) {
        buf_append_fill(out, ' ', widths->dir - dir_width(session, plugin) + 2);
    }
    if (is_new) {
        output_escaped(out, plugin->artifact_url);
    }
    for (size_t i = 0; i < plugin->differing_count; i++) {
        buf_append(out, i == 0 ? STR("different: ") : STR(", "));
        output_escaped(out, plugin->differing[i]);
    }
    buf_append_byte(out, '\n');
    output_flush_some(session->output, STREAM_OUT);
}

/* "Published 2 plugins, 3 unchanged, 1 changed" */
static void append_counts(struct buf *out, const struct publish_result *publish,
                          bool dry_run) {
    size_t added =
        count_of(publish, dry_run ? PUBLISH_WOULD_PUBLISH : PUBLISH_PUBLISHED);
    size_t unchanged = count_of(publish, PUBLISH_UNCHANGED);
    size_t changed = count_of(publish, PUBLISH_CHANGED);
    if (added == 0) {
        buf_append(out, STR("Nothing new"));
    } else {
        buf_printf(out, "%s %zu %s", dry_run ? "Would publish" : "Published", added,
                   added == 1 ? "plugin" : "plugins");
    }
    if (unchanged > 0) {
        buf_printf(out, ", %zu unchanged", unchanged);
    }
    if (changed > 0) {
        buf_printf(out, ", %zu changed and left as published", changed);
    }
}

static void print_text(struct session *session, const struct publish_result *publish,
                       bool dry_run) {
    struct buf *out = output_on(session->output, STREAM_OUT);
    struct widths widths = measure(session, publish);
    ci_open_section(&session->ci, session->output, "influxdb3_plugins", "Plugins");
    for (size_t i = 0; i < publish->plugin_count; i++) {
        text_plugin(session, &widths, &publish->plugins[i]);
    }
    ci_close_section(&session->ci, session->output, "influxdb3_plugins");
    append_counts(out, publish, dry_run);
    buf_append(out, STR("\n  index: "));
    output_escaped(out, publish->written.index_url);
    uint64_t requests = atomic_load(&session->store->requests);
    buf_printf(out, "\n  %llu %s", (unsigned long long)requests,
               requests == 1 ? "request" : "requests");
    if (publish->written.attempts > 1) {
        buf_printf(out, ", %u attempts at the index", publish->written.attempts);
    }
    buf_append_byte(out, '\n');
}

/* ---- the summary of a step ---- */

static void summarize(struct session *session, const struct publish_result *publish,
                      bool dry_run) {
    if (!session->ci.is_github) {
        return;
    }
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    buf_append(&out, STR("### "));
    append_counts(&out, publish, dry_run);
    buf_append(&out, STR("\n\n| plugin | version | outcome | hash |\n"
                         "| --- | --- | --- | --- |\n"));
    for (size_t i = 0; i < publish->plugin_count; i++) {
        const struct publish_plugin *plugin = &publish->plugins[i];
        struct str parts[] = {plugin->name, plugin->version,
                              outcome_words(plugin->outcome)};
        for (size_t j = 0; j < 3; j++) {
            buf_append(&out, STR("| "));
            ci_append_markdown(&out, parts[j]);
            buf_append_byte(&out, ' ');
        }
        buf_append(&out, STR("| `"));
        buf_append(&out, plugin->hash);
        buf_append(&out, STR("` |\n"));
    }
    buf_append(&out, STR("\nIndex: "));
    ci_append_markdown(&out, publish->written.index_url);
    buf_append(&out, STR("\n\n"));
    if (!out.failed) {
        ci_summarize(&session->ci, buf_str(&out));
    }
    buf_release(&out);
}

/* ---- */

static struct str *views_of(struct session *session, enum option_id id, size_t *count) {
    const struct word_list *list = &session->invocation->arguments->lists[id];
    struct str *views = arena_array(session->arena, list->count, sizeof *views);
    for (size_t i = 0; views != NULL && i < list->count; i++) {
        views[i] = str_of(list->words[i]);
    }
    *count = list->count;
    return views;
}

static enum registry_status
publish(struct session *session, struct publish_result *result, struct diag **failure) {
    struct invocation *invocation = session->invocation;
    const char *changed = value_of(invocation, OPTION_CHANGED);
    struct publish_request request = {
        .root = session_text(session, OPTION_ROOT),
        .is_recursive = is_given(invocation, OPTION_RECURSIVE),
        .dry_run = is_given(invocation, OPTION_DRY_RUN),
        .changed = changed != NULL && strcmp(changed, "warn") == 0
                       ? PUBLISH_CHANGED_WARN
                       : PUBLISH_CHANGED_ERROR,
        .replace_orphans = is_given(invocation, OPTION_REPLACE_ORPHANS),
        .jobs = value_number(value_of(invocation, OPTION_JOBS)),
        .write = session_write(invocation),
        .progress = show_progress};
    request.dirs = views_of(session, OPTION_POSITIONAL, &request.dir_count);
    request.excludes = views_of(session, OPTION_EXCLUDE, &request.exclude_count);
    if (request.dirs == NULL || request.excludes == NULL) {
        return REGISTRY_NO_MEMORY;
    }
    progress_begin(session->output);
    enum registry_status status =
        publish_run(session->arena, session->store, &request, result, failure);
    progress_clear();
    return status;
}

static void print(struct session *session, const struct publish_result *result,
                  bool dry_run) {
    for (size_t i = 0; i < result->plugin_count; i++) {
        session_warn(session, &result->plugins[i].warnings);
    }
    session_warn(session, &result->written.warnings);
    if (session->output->is_json) {
        print_json(session, result);
    } else {
        print_text(session, result, dry_run);
    }
    summarize(session, result, dry_run);
}

int registry_cmd_publish(struct invocation *invocation) {
    struct session session;
    struct publish_result result = {0};
    struct diag *failure = NULL;
    bool is_dry = is_given(invocation, OPTION_DRY_RUN);
    int status = 0;
    if (session_begin(&session, invocation, OPTION_REGISTRY, !is_dry, &status)) {
        enum registry_status done = publish(&session, &result, &failure);
        if (done != REGISTRY_OK) {
            status = session_fail(&session, done, failure);
        } else {
            print(&session, &result, is_dry);
        }
    }
    session_end(&session);
    return status;
}
