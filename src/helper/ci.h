/* What the runners of CI systems show beside a log: annotations, summaries, sections.
 *
 * Source: GitHub, "Workflow commands" (annotations, escaping, GITHUB_STEP_SUMMARY);
 *   GitLab, "Custom collapsible sections"; docs/publishing.md, "In a pipeline".
 * Shapes: annotations go to standard error, and only with human output: with json that
 *   stays empty. The summary is a file, and written in either mode. Texts are escaped,
 *   and hold nothing that the error does not say.
 * Errors: none; a summary that cannot be written is no reason to fail. */
#ifndef HELPER_CI_H
#define HELPER_CI_H

#include "cli/commands.h"

struct ci {
    bool is_github;
    bool is_gitlab;
    struct str workspace; /* paths below it are given relative; may be empty */
    struct str cwd;
};

/* From the environment. */
void ci_init(struct ci *ci, struct str cwd);

/* An annotation for each defect, or for the error itself; a summary that says so. */
void ci_tell_error(const struct ci *ci, struct invocation *invocation,
                   const i3p_diagnostic *error);
void ci_tell_warning(const struct ci *ci, struct invocation *invocation,
                     const i3p_diagnostic *warning);

/* Appends Markdown to the step's summary. */
void ci_summarize(const struct ci *ci, struct str markdown);

/* Text from outside, as Markdown that shows it. */
void ci_append_markdown(struct buf *out, struct str text);

/* What is printed to standard output between these folds away. `name` has letters,
 * digits and `_`. */
void ci_open_section(const struct ci *ci, struct output *output, const char *name,
                     const char *title);
void ci_close_section(const struct ci *ci, struct output *output, const char *name);

#endif
