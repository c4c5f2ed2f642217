#include "plugin/scaffold.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/fswrite.h"
#include "base/path.h"
#include "base/utf8.h"
#include "grammar/name.h"
#include "grammar/url.h"
#include "grammar/version_req.h"
#include "plugin/scaffold_text.h"

enum { MEMBERS_MOST = 3 };

struct job {
    struct arena *arena;
    const struct scaffold_request *request;
    struct scaffold_result *result;
    struct diag **failure;
    struct fswrite_member members[MEMBERS_MOST]; /* in the order of result->files */
};

/* ---- Failures ---- */

static enum scaffold_status fail(struct job *job, enum error_id id, struct str field,
                                 const struct detail *details, size_t count,
                                 struct str note) {
    struct diag *diag = diag_new(job->arena, id, field, details, count);
    if (diag == NULL) {
        return SCAFFOLD_NO_MEMORY;
    }
    diag->note = note;
    *job->failure = diag;
    return SCAFFOLD_FAILED;
}

static enum scaffold_status fail_write(struct job *job, struct str path, int error) {
    if (error == ENOMEM || path.ptr == NULL) {
        return SCAFFOLD_NO_MEMORY;
    }
    struct detail details[] = {DETAIL_TEXT(path),
                               DETAIL_TEXT(str_of(fs_error_kind(error)))};
    return fail(job, ERROR_SCAFFOLD_FAILED, path, details, 2,
                str_of(fs_error_text(error)));
}

static enum scaffold_status fail_member(struct job *job, struct str name, int error) {
    return fail_write(job, path_join(job->arena, job->request->absolute, name), error);
}

static enum scaffold_status fail_value(struct job *job, enum error_id id,
                                       struct str value, const char *reason) {
    struct detail details[] = {DETAIL_TEXT(value), DETAIL_TEXT(str_of(reason))};
    return fail(job, id, STR_NONE, details, 2, STR_NONE);
}

/* ---- The values ---- */

static struct str name_note(enum name_verdict verdict) {
    return verdict == NAME_RESERVED
               ? STR("it is the name of a Windows device")
               : STR("a name is 1 to 64 ASCII letters, digits, `_` and `-`, and "
                     "starts with a letter");
}

static enum scaffold_status choose_name(struct job *job) {
    struct str given = job->request->name;
    struct str name = given.ptr != NULL ? given : path_last(job->request->absolute);
    if (name.ptr == NULL) {
        return fail(job, ERROR_DERIVED_NAME_UNAVAILABLE, STR_NONE, NULL, 0, STR_NONE);
    }
    enum name_verdict verdict = name_check(name);
    if (verdict != NAME_VALID && given.ptr == NULL) {
        return fail(job, ERROR_DERIVED_NAME_INVALID, job->request->absolute, NULL, 0,
                    name_note(verdict));
    }
    if (verdict != NAME_VALID) {
        const char *reason =
            verdict == NAME_RESERVED ? "reserved_name" : "invalid_format";
        struct detail details[] = {DETAIL_TEXT(given), DETAIL_TEXT(str_of(reason))};
        return fail(job, ERROR_USAGE_INVALID_NAME, STR_NONE, details, 2,
                    name_note(verdict));
    }
    job->result->name = name;
    return SCAFFOLD_OK;
}

static enum scaffold_status choose_requirement(struct job *job,
                                               struct str *requirement) {
    struct str given = job->request->database_version;
    *requirement = given.ptr != NULL ? given : job->request->default_database_version;
    struct version_req req;
    struct syntax_error error;
    if (given.ptr == NULL || version_req_parse(given, &req, &error) == GRAMMAR_OK) {
        return SCAFFOLD_OK;
    }
    return fail_value(job, ERROR_USAGE_INVALID_DATABASE_VERSION, given, error.rule);
}

static enum scaffold_status choose_url(struct job *job, struct str *text) {
    struct str given = job->request->artifacts_url;
    if (given.ptr == NULL) {
        enum grammar_status status =
            url_of_path(job->arena, job->request->absolute, text);
        return status == GRAMMAR_OK ? SCAFFOLD_OK : SCAFFOLD_NO_MEMORY;
    }
    *text = given;
    struct url url;
    struct syntax_error error = {"it is not UTF-8", 0};
    enum grammar_status status = utf8_is_valid(given)
                                     ? url_parse(job->arena, given, &url, &error)
                                     : GRAMMAR_INVALID;
    if (status == GRAMMAR_NO_MEMORY) {
        return SCAFFOLD_NO_MEMORY;
    }
    if (status == GRAMMAR_INVALID) {
        return fail_value(job, ERROR_USAGE_INVALID_ARTIFACTS_URL, given, error.rule);
    }
    if (url.kind == URL_SCHEME_OTHER) {
        return fail_value(job, ERROR_USAGE_INVALID_ARTIFACTS_URL, given,
                          "its scheme must be https, http or file");
    }
    return SCAFFOLD_OK;
}

/* ---- What is there already ---- */

/* Names in a directory that satisfy `wanted`: the first in byte order, if any. A
 * directory that cannot be read gives its error. */
static int first_entry(struct job *job, struct str directory,
                       bool (*wanted)(const struct job *job, int directory,
                                      const char *name),
                       struct str *first) {
    int fd = -1;
    int error = fs_open_directory(directory, &fd);
    DIR *dir = error == 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        error = error == 0 ? errno : error;
        if (fd >= 0) {
            close(fd);
        }
        return error;
    }
    *first = STR_NONE;
    const struct dirent *entry;
    while (error == 0 && (errno = 0, entry = readdir(dir)) != NULL) {
        struct str name = str_of(entry->d_name);
        if ((first->ptr == NULL || str_compare(name, *first) < 0) &&
            wanted(job, fd, entry->d_name)) {
            *first = arena_copy(job->arena, name);
            error = first->ptr == NULL ? ENOMEM : 0;
        }
    }
    error = error == 0 ? errno : error;
    closedir(dir);
    return error;
}

static bool is_other_spelling(const struct job *job, int directory, const char *name) {
    struct stat info;
    return name_canonical_equal(str_of(name), job->result->name) &&
           !str_equal(str_of(name), job->result->name) &&
           fstatat(directory, name, &info, 0) == 0 && S_ISDIR(info.st_mode);
}

static enum scaffold_status check_siblings(struct job *job) {
    struct str sibling = STR_NONE;
    struct str parent = path_parent(job->request->absolute);
    int error = first_entry(job, parent, is_other_spelling, &sibling);
    if (error == ENOMEM) {
        return SCAFFOLD_NO_MEMORY;
    }
    if (error != 0 || sibling.ptr == NULL) {
        return SCAFFOLD_OK; /* a parent that is not there has nothing in it */
    }
    char *canonical = arena_bytes(job->arena, sibling.len);
    if (canonical == NULL) {
        return SCAFFOLD_NO_MEMORY;
    }
    name_canonicalize(sibling, canonical);
    struct detail details[] = {DETAIL_TEXT(job->result->name), DETAIL_TEXT(sibling),
                               DETAIL_TEXT(((struct str){canonical, sibling.len}))};
    return fail(job, ERROR_USAGE_SIBLING_COLLISION, STR_NONE, details, 3, STR_NONE);
}

/* A Python file that would make the entry point ambiguous. */
static bool is_other_python(const struct job *job, int directory, const char *name) {
    struct stat info;
    return str_ends_with(str_of(name), STR(".py")) &&
           !str_equal(str_of(name), job->result->files[1]) &&
           fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(info.st_mode);
}

static enum scaffold_status check_conflicts(struct job *job) {
    struct str other = STR_NONE;
    int error = first_entry(job, job->request->absolute, is_other_python, &other);
    if (error == ENOMEM) {
        return SCAFFOLD_NO_MEMORY;
    }
    /* What stands in the directory's way shows when it is made. */
    if (error == ENOENT || error == ENOTDIR || error == ELOOP) {
        return SCAFFOLD_OK;
    }
    if (error != 0) {
        return fail_write(job, job->request->absolute, error);
    }
    return other.ptr == NULL ? SCAFFOLD_OK : fail_member(job, other, EEXIST);
}

/* ---- Writing ---- */

/* The write set up to `count`, the manifest or the only file last. */
static enum scaffold_status write_members(struct job *job, size_t count) {
    struct fswrite_member members[MEMBERS_MOST];
    for (size_t i = 0; i < count; i++) {
        members[i] = job->members[(i + 1) % count];
    }
    struct str failed = STR_NONE;
    int error = fswrite_all(job->arena, job->request->absolute, members, count,
                            job->request->force, &failed);
    return error == 0 ? SCAFFOLD_OK : fail_write(job, failed, error);
}

/* In the order of the write set, which names the first that is in the way. */
static enum scaffold_status write_all(struct job *job) {
    for (size_t i = 0; i < job->result->file_count; i++) {
        struct str name = job->members[i].name;
        struct str path = path_join(job->arena, job->request->absolute, name);
        struct stat info;
        if (path.ptr == NULL) {
            return SCAFFOLD_NO_MEMORY;
        }
        int error = fs_stat(path, &info);
        if (error == 0 && !job->request->force) {
            return fail_write(job, path, EEXIST);
        }
        if (error == 0 && S_ISDIR(info.st_mode)) {
            /* As the reference does: the files before the one that cannot be. */
            enum scaffold_status status = i == 0 ? SCAFFOLD_OK : write_members(job, i);
            return status == SCAFFOLD_OK ? fail_write(job, path, EISDIR) : status;
        }
    }
    return write_members(job, job->result->file_count);
}

static void add_member(struct job *job, struct str name, struct str content) {
    size_t at = job->result->file_count++;
    job->result->files[at] = name;
    job->members[at] = (struct fswrite_member){name, content};
}

static enum scaffold_status write_plugin(struct job *job) {
    struct str requirement;
    enum scaffold_status status = choose_name(job);
    if (status == SCAFFOLD_OK) {
        status = choose_requirement(job, &requirement);
    }
    if (status == SCAFFOLD_OK) {
        status = check_siblings(job);
    }
    if (status != SCAFFOLD_OK) {
        return status;
    }
    struct scaffold_texts texts;
    struct str handler =
        arena_concat(job->arena, (struct str[]){job->result->name, STR(".py")}, 2);
    if (handler.ptr == NULL ||
        !scaffold_plugin_texts(job->arena, job->request->kind, job->result->name,
                               requirement, &texts)) {
        return SCAFFOLD_NO_MEMORY;
    }
    add_member(job, STR("manifest.toml"), texts.manifest);
    add_member(job, handler, texts.handler);
    add_member(job, STR("README.md"), texts.readme);
    status = check_conflicts(job);
    return status == SCAFFOLD_OK ? write_all(job) : status;
}

static enum scaffold_status write_index(struct job *job) {
    struct str url;
    enum scaffold_status status = choose_url(job, &url);
    if (status != SCAFFOLD_OK) {
        return status;
    }
    struct str text;
    if (!scaffold_index_text(job->arena, url, &text)) {
        return SCAFFOLD_NO_MEMORY;
    }
    add_member(job, STR("index.json"), text);
    return write_all(job);
}

enum scaffold_status scaffold_write(struct arena *arena,
                                    const struct scaffold_request *request,
                                    struct scaffold_result *result,
                                    struct diag **failure) {
    *result = (struct scaffold_result){.name = STR_NONE};
    struct job job = {
        .arena = arena, .request = request, .result = result, .failure = failure};
    return request->kind == SCAFFOLD_INDEX ? write_index(&job) : write_plugin(&job);
}
