/* moot new: a crew to begin with, which runs offline as it stands. */
#include "cli/commands.h"
#include "cli/new_files.h"
#include "cli/trust.h"
#include "runtime/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NEW_PATH_MAX = 4096 };

static const struct moot_new_kind *find_kind(const char *name)
{
    for (size_t i = 0; moot__new_kinds[i].name != NULL; i++)
        if (strcmp(moot__new_kinds[i].name, name) == 0)
            return &moot__new_kinds[i];
    return NULL;
}

static int unknown_kind(const char *name, struct moot_error *err)
{
    struct moot_buf names;
    moot__buf_init(&names, 1024);
    for (size_t i = 0; moot__new_kinds[i].name != NULL; i++)
        moot__buf_addf(&names, "%s%s", i > 0 ? ", " : "", moot__new_kinds[i].name);
    moot__fail(err, MOOT_EUSAGE, "there is no crew like '%s' to begin with", name);
    moot__fail_hint(err, "there are %s", moot__buf_text(&names));
    moot__buf_release(&names);
    return MOOT_EUSAGE;
}

/* A new file; one that is there stays as it is. "NAME" in the text becomes the crew's name. */
static int write_file(const char *dir, const char *name, const char *text, const char *crew,
                      struct moot_error *err)
{
    char path[NEW_PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL) {
        int saved = errno;
        if (fd >= 0)
            close(fd);
        errno = saved;
        return moot__file_fail(err, path, "written");
    }
    for (const char *at = text; *at != '\0';) {
        const char *mark = strstr(at, "NAME");
        size_t len = mark != NULL ? (size_t)(mark - at) : strlen(at);
        fwrite(at, 1, len, file);
        if (mark != NULL)
            fputs(crew, file);
        at += len + (mark != NULL ? 4 : 0);
    }
    return fclose(file) == 0 ? MOOT_OK : moot__file_fail(err, path, "written");
}

/* The folder's last part, as a crew can be called. */
static void crew_name(const char *dir, char *out, size_t size)
{
    const char *base = dir;
    for (const char *at = dir; *at != '\0'; at++)
        if (*at == '/' && at[1] != '\0')
            base = at + 1;
    size_t len = 0;
    for (; *base != '\0' && *base != '/' && len + 1 < size && len < MOOT_MAX_ID; base++) {
        char c = *base;
        bool upper = c >= 'A' && c <= 'Z';
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9' && len > 0) || c == '-';
        out[len++] = upper ? (char)(c - 'A' + 'a') : plain ? c : '-';
    }
    out[len] = '\0';
    if (len == 0 || out[0] == '-')
        snprintf(out, size, "crew");
}

static int make(const char *dir, const struct moot_new_kind *kind, struct moot_error *err)
{
    char crew[MOOT_MAX_ID + 1];
    char path[NEW_PATH_MAX];
    crew_name(dir, crew, sizeof(crew));
    if (strlen(dir) > NEW_PATH_MAX / 2)
        return moot__fail(err, MOOT_EUSAGE, "the name of the folder is too long");
    if (mkdir(dir, 0777) != 0) {
        if (errno != EEXIST) {
            int status = moot__file_fail(err, dir, "made");
            moot__fail_hint(err, "go to a folder you may write, or name one: moot new FOLDER/NAME");
            return status;
        }
        moot__fail(err, MOOT_EEXIST, "%s is there already", dir);
        moot__fail_hint(err, "take another name: nothing is written over");
        return MOOT_EEXIST;
    }
    int status = MOOT_OK;
    for (size_t i = 0; status == MOOT_OK && kind->files[i].name != NULL; i++)
        status = write_file(dir, kind->files[i].name, kind->files[i].text, crew, err);
    snprintf(path, sizeof(path), "%s/crew.yaml", dir);
    return status == MOOT_OK ? moot__trust_made(path, err) : status;
}

static int new_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_error err = {0};
    const char *dir = moot__word(args, 0);
    const char *like = moot__arg(args, "like");
    const struct moot_new_kind *kind = find_kind(like != NULL ? like : "pipeline");
    int status = kind != NULL ? make(dir, kind, &err) : unknown_kind(like, &err);
    if (status != MOOT_OK)
        return moot__report(cli, &err);
    fprintf(cli->out, "%s/ is made: %s\n", dir, kind->what);
    fprintf(cli->out, "  run it         moot run %s/crew.yaml %s\n", dir, kind->input);
    fprintf(cli->out, "  with a model   moot run %s/crew.yaml %s --model ollama/llama3.2\n", dir,
            kind->input);
    return MOOT_EXIT_DONE;
}

static const struct moot_option options[] = {
    {"like", 0, "KIND",
     "pipeline (tasks one after the other), graph (tasks by what they need, with a judge), pair "
     "(two who talk), group-chat (who speaks next is chosen), hierarchical (a manager delegates) "
     "or consensual (a vote)",
     MOOT_COMPLETE_PROCESS},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_new = {
    .name = "new",
    .args = "NAME",
    .help = "a crew to begin with, in a folder of its own",
    .more = "The crew runs as it stands, without a network or a key: its replies come from a file "
            "beside it until a model is named.",
    .example = "moot new press --like graph\nmoot run press/crew.yaml topic=\"folk music\"",
    .options = options,
    .group = MOOT_GROUP_START,
    .min_words = 1,
    .max_words = 1,
    .complete = MOOT_COMPLETE_FILE,
    .run = new_run,
};
