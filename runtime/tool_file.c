/* The built-in tools that touch files, each below one folder: the agent's workspace, or, for what
 * only the framework calls, the crew file's own. The work is done on the pool. */
#include "runtime/beneath.h"
#include "runtime/tool_builtin.h"
#include "runtime/tool_program.h"
#include "runtime/utf8.h"

enum { LIST_MAX = 1000 };

struct file_job {
    struct moot_tool_call_run *run;
    int (*work)(struct file_job *job, int root);
    const char *folder; /* below base_dir; NULL: that itself */
    bool make;
    const char *path;
    int status;
    struct moot_error error;
    char shown[96];
};

static void job_work(void *arg)
{
    struct file_job *job = arg;
    const struct moot_tool_spec *spec = job->run->spec;
    int root = -1;
    job->status = moot__beneath_root(spec->base_dir, job->folder, job->make, &root, &job->error);
    if (job->status != MOOT_OK)
        return;
    job->status = job->work(job, root);
    moot__beneath_close(root);
}

static void job_done(void *arg)
{
    struct file_job *job = arg;
    struct moot_tool_call_run *run = job->run;
    if (job->status != MOOT_OK) {
        moot__tool_finish_error(run, job->status, job->error.message);
        return;
    }
    if (job->shown[0] != '\0')
        run->shown = moot__copy(job->shown, strlen(job->shown));
    moot__tool_finish(run);
}

static int job_start(struct moot_tool_call_run *run, int (*work)(struct file_job *job, int root),
                     bool in_workspace, struct moot_error *err)
{
    const struct moot_world *w = run->world;
    struct file_job *job = calloc(1, sizeof(*job));
    if (job == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    run->self = job;
    job->run = run;
    job->work = work;
    job->path = moot__json_get_text(run->args, "path", "");
    if (in_workspace && run->spec->workspace == NULL) {
        moot__tool_finish_error(run, MOOT_EDENIED, "this agent has no workspace");
        return MOOT_OK;
    }
    if (in_workspace) {
        job->folder = run->spec->workspace;
        job->make = true;
    }
    int status = w->pool(w->self, job_work, job_done, job);
    if (status != MOOT_OK)
        moot__tool_finish_error(run, status, moot__status_text(status));
    return MOOT_OK;
}

static void job_release(struct moot_tool_call_run *run)
{
    free(run->self);
}

/* read_file */

static int read_work(struct file_job *job, int root)
{
    struct moot_buf *out = &job->run->output;
    int status = moot__beneath_read(root, job->path, out, &job->error);
    if (status == MOOT_OK && !moot__utf8_valid(moot__buf_text(out), out->len, NULL))
        return moot__fail(&job->error, MOOT_EINVAL, "'%s' is no text in UTF-8", job->path);
    if (status == MOOT_OK && memchr(moot__buf_text(out), '\0', out->len) != NULL)
        return moot__fail(&job->error, MOOT_EINVAL, "'%s' is no text", job->path);
    snprintf(job->shown, sizeof(job->shown), "%zu bytes", out->len);
    job->run->label = "file";
    return status;
}

static int read_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    return job_start(run, read_work, true, err);
}

#define PATH_SCHEMA "{\"type\":\"string\",\"description\":\"relative to the workspace\"}"

const struct moot_builtin_tool moot__tool_read_file = {
    .name = "read_file",
    .description = "Gives the text of a file in the workspace.",
    .parameters = "{\"type\":\"object\",\"properties\":{\"path\":" PATH_SCHEMA
                  "},\"required\":[\"path\"],\"additionalProperties\":false}",
    .effect = MOOT_EFFECT_NONE,
    .reads_private = true,
    .start = read_start,
    .release = job_release,
};

/* write_file */

static int write_text(struct file_job *job, int root, const char *member)
{
    const char *text = moot__json_get_text(job->run->args, member, "");
    int status = moot__beneath_write(root, job->path, text, strlen(text), &job->error);
    if (status != MOOT_OK)
        return status;
    size_t lines = moot__program_lines(text);
    moot__buf_addf(&job->run->output, "written: %s", job->path);
    snprintf(job->shown, sizeof(job->shown), "%zu line%s", lines, lines == 1 ? "" : "s");
    return MOOT_OK;
}

static int write_work(struct file_job *job, int root)
{
    return write_text(job, root, "text");
}

static int write_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    return job_start(run, write_work, true, err);
}

const struct moot_builtin_tool moot__tool_write_file = {
    .name = "write_file",
    .description = "Writes a text into a file of the workspace; what was in it is replaced.",
    .parameters = "{\"type\":\"object\",\"properties\":{\"path\":" PATH_SCHEMA
                  ",\"text\":{\"type\":\"string\"}},\"required\":[\"path\",\"text\"],"
                  "\"additionalProperties\":false}",
    .effect = MOOT_EFFECT_IDEMPOTENT,
    .writes = true,
    .start = write_start,
    .release = job_release,
};

/* list_files */

static int list_work(struct file_job *job, int root)
{
    struct moot_buf *out = &job->run->output;
    size_t left = 0;
    int status = moot__beneath_list(root, job->path, LIST_MAX, out, &left, &job->error);
    if (status != MOOT_OK)
        return status;
    size_t lines = moot__program_lines(moot__buf_text(out));
    if (lines == 0)
        moot__buf_adds(out, "(no files)\n");
    if (left > 0)
        moot__buf_addf(out, "(and %zu more)\n", left);
    snprintf(job->shown, sizeof(job->shown), "%zu file%s", lines + left,
             lines + left == 1 ? "" : "s");
    job->run->label = "file"; /* names are what somebody wrote, too */
    return MOOT_OK;
}

static int list_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    return job_start(run, list_work, true, err);
}

const struct moot_builtin_tool moot__tool_list_files = {
    .name = "list_files",
    .description = "Lists the files of the workspace.",
    .parameters = "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\","
                  "\"description\":\"a folder of it; left out: all\"}},\"required\":[],"
                  "\"additionalProperties\":false}",
    .effect = MOOT_EFFECT_NONE,
    .reads_private = true,
    .start = list_start,
    .release = job_release,
};

/* check_file: whether a file is there */

static int check_work(struct file_job *job, int root)
{
    int64_t size = 0;
    int status = moot__beneath_look(root, job->path, &size, &job->error);
    if (status == MOOT_ENOTFOUND) /* the author's fault, not the check's */
        return moot__fail(&job->error, MOOT_EINVAL, "there is no file '%s'", job->path);
    if (status != MOOT_OK)
        return status;
    if (size == 0)
        return moot__fail(&job->error, MOOT_EINVAL, "the file '%s' is empty", job->path);
    moot__buf_addf(&job->run->output, "%lld bytes", (long long)size);
    return MOOT_OK;
}

static int check_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    return job_start(run, check_work, false, err);
}

const struct moot_builtin_tool moot__tool_check_file = {
    .name = "check_file",
    .description = "Whether a file is there.",
    .parameters = "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"}},"
                  "\"required\":[\"path\"],\"additionalProperties\":false}",
    .effect = MOOT_EFFECT_NONE,
    .start = check_start,
    .release = job_release,
};

/* publish: an accepted result is written where its task says */

static int publish_work(struct file_job *job, int root)
{
    return write_text(job, root, "content");
}

static int publish_start(struct moot_tool_call_run *run, struct moot_error *err)
{
    return job_start(run, publish_work, false, err);
}

const struct moot_builtin_tool moot__tool_publish = {
    .name = "publish",
    .description = "Writes a result.",
    .parameters = "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\"},"
                  "\"content\":{\"type\":\"string\"}},\"required\":[\"path\",\"content\"],"
                  "\"additionalProperties\":false}",
    .effect = MOOT_EFFECT_IDEMPOTENT,
    .writes = true,
    .start = publish_start,
    .release = job_release,
};
