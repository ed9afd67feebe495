/* moot rm: deletes runs, journal and all. */
#include "cli/commands.h"
#include "cli/project.h"
#include "runtime/journal.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

enum { DAY_MS = 24 * 60 * 60 * 1000, DAYS_MAX = 36500 };

static int remove_file(const char *path, struct moot_error *err)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return MOOT_OK;
    return moot__fail(err, MOOT_EIO, "%s cannot be deleted: %s", path, strerror(errno));
}

/* What other processes had to say to the run. */
static int remove_posts(const char *folder, struct moot_error *err)
{
    DIR *dir = opendir(folder);
    int status = MOOT_OK;
    if (dir == NULL)
        return MOOT_OK;
    for (const struct dirent *e; status == MOOT_OK && (e = readdir(dir)) != NULL;) {
        char path[PATH_MAX];
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        status = remove_file(path, err);
    }
    closedir(dir);
    if (status == MOOT_OK && rmdir(folder) != 0 && errno != ENOENT)
        status = moot__fail(err, MOOT_EIO, "%s cannot be deleted: %s", folder, strerror(errno));
    return status;
}

/* The lock is taken first and its file goes last, so that nobody takes the run up meanwhile. */
static int remove_run(const char *path, struct moot_error *err)
{
    static const char *const ends[] = {"-wal", "-shm"};
    struct moot_journal *j = NULL;
    char other[PATH_MAX];
    size_t base = strlen(path);
    if (base > 3 && strcmp(path + base - 3, ".db") == 0)
        base -= 3;
    int status = moot__journal_open(path, MOOT_JOURNAL_WRITE, NULL, &j, err);
    if (status != MOOT_OK)
        return status;
    snprintf(other, sizeof(other), "%.*s.post", (int)base, path);
    status = remove_posts(other, err);
    if (status == MOOT_OK)
        status = remove_file(path, err);
    for (size_t i = 0; i < MOOT_COUNT(ends) && status == MOOT_OK; i++) {
        snprintf(other, sizeof(other), "%s%s", path, ends[i]);
        status = remove_file(other, err);
    }
    snprintf(other, sizeof(other), "%.*s.lock", (int)base, path);
    if (status == MOOT_OK)
        status = remove_file(other, err);
    moot__journal_close(j);
    return status;
}

/* Paths of the runs to be deleted; owned. */
struct doomed {
    char **paths;
    size_t count;
};

static int add(struct doomed *d, char *path, struct moot_error *err)
{
    char **more = realloc(d->paths, (d->count + 1) * sizeof(char *));
    if (more == NULL || path == NULL) {
        free(path);
        if (more != NULL)
            d->paths = more;
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    }
    d->paths = more;
    d->paths[d->count++] = path;
    return MOOT_OK;
}

static int add_older(struct doomed *d, const char *age, struct moot_error *err)
{
    struct moot_run_list list = {0};
    char *end = NULL;
    char *project = moot__project_find(NULL);
    long days = strtol(age, &end, 10);
    int status = project != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
    if (status == MOOT_OK && (end == age || strcmp(end, "d") != 0 || days < 0 || days > DAYS_MAX))
        status = moot__fail(err, MOOT_EUSAGE, "--older '%s' is no number of days, like 30d", age);
    if (status == MOOT_OK)
        status = moot__runs_list(project, &list, err);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t before = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - (int64_t)days * DAY_MS;
    for (size_t i = 0; i < list.count && status == MOOT_OK; i++) {
        const char *path = list.runs[i].path;
        if (list.runs[i].changed_at <= before && moot__run_writer(path) == 0)
            status = add(d, moot__copy(path, strlen(path)), err);
    }
    moot__runs_release(&list);
    free(project);
    return status;
}

static int gather(const struct moot_args *args, struct doomed *d, struct moot_error *err)
{
    const char *age = moot__arg(args, "older");
    int status = age != NULL ? add_older(d, age, err) : MOOT_OK;
    for (size_t i = 0; i < args->word_count && status == MOOT_OK; i++) {
        char *path = NULL;
        status = moot__run_find(moot__word(args, i), &path, err);
        if (status == MOOT_OK && !moot__journal_is_file(path)) {
            status = moot__fail(err, MOOT_EUSAGE, "%s is no journal", path);
            free(path);
        } else if (status == MOOT_OK) {
            status = add(d, path, err);
        }
    }
    if (status == MOOT_OK && d->count == 0 && age == NULL) {
        status = moot__fail(err, MOOT_EUSAGE, "say which run is to be deleted");
        moot__fail_hint(err, "moot runs   lists them");
    }
    return status;
}

static int consent(struct moot_cli *cli, const struct moot_args *args, const struct doomed *d,
                   struct moot_error *err)
{
    char line[16] = "";
    if (moot__flag(args, "yes") || d->count == 0)
        return MOOT_OK;
    for (size_t i = 0; i < d->count; i++)
        fprintf(cli->err, "  %s\n", d->paths[i]);
    if (moot__term_person(&cli->err_term)) {
        fprintf(cli->err, "delete %s for good? [y/N] ", d->count == 1 ? "it" : "them");
        fflush(cli->err);
        if (fgets(line, sizeof(line), stdin) != NULL && (line[0] == 'y' || line[0] == 'Y'))
            return MOOT_OK;
        return moot__fail(err, MOOT_ECANCELED, "nothing was deleted");
    }
    moot__fail(err, MOOT_EUSAGE, "deleting cannot be undone, and nobody can be asked here");
    moot__fail_hint(err, "if they are to go: --yes");
    return MOOT_EUSAGE;
}

static int rm_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct doomed d = {0};
    struct moot_error err = {0};
    size_t gone = 0;
    int status = gather(args, &d, &err);
    if (status == MOOT_OK)
        status = consent(cli, args, &d, &err);
    for (; gone < d.count && status == MOOT_OK; gone++) {
        status = remove_run(d.paths[gone], &err);
        if (status != MOOT_OK)
            break;
    }
    if (status == MOOT_OK || gone > 0)
        fprintf(cli->err, "%zu run%s deleted\n", gone, gone == 1 ? "" : "s");
    int code = status == MOOT_OK ? MOOT_EXIT_DONE : moot__report(cli, &err);
    for (size_t i = 0; i < d.count; i++)
        free(d.paths[i]);
    free(d.paths);
    return code;
}

static const struct moot_option options[] = {
    {"older", 0, "DAYS", "those of this project that nothing was said in for so long, like 30d", 0},
    {"yes", 'y', NULL, "without asking", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_rm = {
    .name = "rm",
    .args = "RUN…",
    .help = "delete a run",
    .more = "Deletes the journal with all that belongs to it; a run that is going on is refused. "
            "The link that this machine remembers of it stays: an older copy that turns up later "
            "is recognised.",
    .example = "moot rm 7k2m\nmoot rm --older 30d --yes",
    .options = options,
    .group = MOOT_GROUP_LOOK,
    .max_words = -1,
    .complete = MOOT_COMPLETE_RUN,
    .run = rm_run,
};
