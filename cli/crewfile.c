#include "cli/crewfile.h"

#include "cli/project.h"
#include "roles/crew_check.h"
#include "runtime/file.h"

enum { ENV_FILE_MAX = 256 * 1024, REPORT_MAX = 1024 * 1024 };

static bool is_name(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return len > 0;
}

/* One line of a .env file; it is changed. Returns 1 if it set a variable. */
static int env_line(char *line)
{
    line += strspn(line, " \t");
    if (strncmp(line, "export ", 7) == 0)
        line += 7 + strspn(line + 7, " ");
    size_t len = strcspn(line, "= \t");
    char *value = line + len;
    value += strspn(value, " \t");
    if (!is_name(line, len) || *value != '=')
        return 0;
    value++;
    value += strspn(value, " \t");
    if (*value == '"' || *value == '\'') {
        char *end = strrchr(value + 1, *value);
        if (end == NULL)
            return 0;
        *end = '\0';
        value++;
    } else {
        char *comment = strstr(value, " #");
        if (comment != NULL)
            *comment = '\0';
        for (size_t n = strlen(value); n > 0 && strchr(" \t\r", value[n - 1]) != NULL; n--)
            value[n - 1] = '\0';
    }
    line[len] = '\0';
    return getenv(line) == NULL && setenv(line, value, 0) == 0;
}

int moot__env_load(const char *dir)
{
    struct moot_buf text, path;
    int count = 0;
    moot__buf_init(&text, ENV_FILE_MAX);
    moot__buf_init(&path, 8192);
    moot__buf_addf(&path, "%s/.env", dir);
    if (moot__file_read(moot__buf_text(&path), &text, NULL) == MOOT_OK && text.len > 0) {
        char *line = text.data;
        while (line != NULL) {
            char *end = strchr(line, '\n');
            if (end != NULL)
                *end = '\0';
            count += env_line(line);
            line = end != NULL ? end + 1 : NULL;
        }
    }
    moot__buf_release(&path);
    moot__buf_release(&text);
    return count;
}

void moot__crewfile_release(struct moot_crewfile *c)
{
    moot__crew_close(c->file);
    free(c->project);
    free(c->dir);
    memset(c, 0, sizeof(*c));
}

int moot__crewfile_models(const struct moot_args *args, struct moot_json *resolved,
                          struct moot_error *err)
{
    const char *model = getenv("MOOT_MODEL");
    size_t i = 0;
    int status = MOOT_OK;
    if (model != NULL && model[0] != '\0') {
        status = moot__crew_use_model(resolved, model, err);
        if (status != MOOT_OK)
            return moot__fail_wrap(err, "MOOT_MODEL");
    }
    /* "--model M" first, "--model NAME=M" on top of it, however they are ordered. */
    for (int named = 0; named < 2; named++) {
        i = 0;
        while (status == MOOT_OK && (model = moot__arg_next(args, "model", &i)) != NULL) {
            const char *equals = strchr(model, '=');
            const char *slash = strchr(model, '/');
            bool has_name = equals != NULL && (slash == NULL || equals < slash);
            if (has_name == (named == 1))
                status = moot__crew_use_model(resolved, model, err);
        }
    }
    return status;
}

int moot__crewfile_report(struct moot_cli *cli, struct moot_crew_report *report)
{
    struct moot_buf text;
    struct moot_error err = {0};
    /* One that is about no place of the file is an error like any other. */
    if (report->count == 1 && report->problems[0].line == 0 &&
        moot__crew_report_error(report, &err) != MOOT_OK) {
        moot__report(cli, &err);
        return MOOT_EXIT_USAGE;
    }
    moot__buf_init(&text, REPORT_MAX);
    moot__crew_report_sort(report);
    moot__crew_report_print(report, &text);
    fputs(moot__buf_text(&text), cli->err);
    moot__buf_release(&text);
    return MOOT_EXIT_USAGE;
}

int moot__crewfile_read(const struct moot_args *args, const char *path, const char *text,
                        struct moot_crewfile *out, struct moot_error *err)
{
    memset(out, 0, sizeof(*out));
    out->dir = moot__dir_of(path);
    out->project = out->dir != NULL ? moot__project_find(out->dir) : NULL;
    if (out->project != NULL)
        moot__env_load(out->project);
    int status = text != NULL ? moot__crew_open_text(path, text, &out->file, err)
                              : moot__crew_open(path, &out->file, err);
    if (status == MOOT_OK && out->file->resolved != NULL)
        status = moot__crewfile_models(args, out->file->resolved, err);
    if (status == MOOT_OK && out->file->resolved != NULL)
        moot__crew_check(out->file);
    return status;
}

int moot__crewfile_open(struct moot_cli *cli, const struct moot_args *args, const char *path,
                        const char *text, struct moot_crewfile *out)
{
    struct moot_error err = {0};
    int code = MOOT_EXIT_DONE;
    if (moot__crewfile_read(args, path, text, out, &err) != MOOT_OK)
        code = moot__report(cli, &err);
    else if (out->file->resolved == NULL || !moot__crew_report_good(&out->file->report))
        code = moot__crewfile_report(cli, &out->file->report);
    if (code != MOOT_EXIT_DONE)
        moot__crewfile_release(out);
    return code;
}
