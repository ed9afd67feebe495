/* moot doctor: what this system offers, and what it lacks. */
#include "cli/commands.h"
#include "cli/crewfile.h"
#include "cli/paint.h"
#include "cli/project.h"
#include "runtime/lock.h"
#include "runtime/model_preset.h"
#include "runtime/sandbox.h"
#include "runtime/sign.h"
#include "runtime/world.h"

#include "moot/moot.h"

#include <errno.h>
#include <langinfo.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { DOCTOR_COLUMN = 12, PROBE_MS = 5000 };

struct doctor {
    struct moot_cli *cli;
    int lacks;
};

enum mark { MARK_GOOD, MARK_LACKS, MARK_NOTE };

static void line(struct doctor *d, enum mark mark, const char *what, const char *text,
                 const char *hint)
{
    static const char *const words[] = {"ok   ", "lacks", "     "};
    static const int inks[] = {MOOT_INK_GOOD, MOOT_INK_BAD, MOOT_INK_NONE};
    int colours = d->cli->out_term.colours;
    fprintf(d->cli->out, "%s%s%s  %-*s %s\n", moot__ink(colours, inks[mark]), words[mark],
            inks[mark] != MOOT_INK_NONE ? moot__ink(colours, MOOT_INK_NONE) : "", DOCTOR_COLUMN,
            what, text);
    if (hint != NULL)
        fprintf(d->cli->out, "       %-*s %s\n", DOCTOR_COLUMN, "", hint);
    d->lacks += mark == MARK_LACKS;
}

static void system_line(struct doctor *d)
{
    struct utsname name;
    char text[256] = "unknown";
    if (uname(&name) == 0)
        snprintf(text, sizeof(text), "moot %s on %s %s, %s", MOOT_VERSION, name.sysname,
                 name.release, name.machine);
    line(d, MARK_NOTE, "system", text, NULL);
}

static void terminal_line(struct doctor *d)
{
    const struct moot_term *t = &d->cli->err_term;
    char text[160];
    const char *charset = nl_langinfo(CODESET);
    if (!t->tty)
        snprintf(text, sizeof(text), "none: plain lines are printed");
    else
        snprintf(text, sizeof(text), "%d by %d, %s, %s", t->columns, t->rows,
                 t->colours == 256  ? "256 colours"
                 : t->colours == 16 ? "16 colours"
                 : t->moves         ? "no colours"
                                    : "dumb: plain lines are printed",
                 charset);
    bool utf8 = strcmp(charset, "UTF-8") == 0;
    line(d, utf8 || !t->tty ? MARK_GOOD : MARK_LACKS, "terminal", text,
         utf8 || !t->tty ? NULL : "names and boxes need UTF-8: export LC_ALL=C.UTF-8");
}

/* The first folder of PATH that has the program; false: none. */
static bool on_path(const char *program, char *out, size_t size)
{
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        size_t len = strcspn(path, ":");
        snprintf(out, size, "%.*s/%s", (int)len, path, program);
        if (access(out, X_OK) == 0)
            return true;
        path += len + (path[len] == ':');
    }
    return false;
}

struct probe {
    bool done, worked;
    struct moot_error why;
};

static void probe_done(void *arg, const struct moot_error *why)
{
    struct probe *p = arg;
    p->done = true;
    p->worked = why == NULL;
    if (why != NULL)
        p->why = *why;
}

/* Runs a program in the sandbox that tools get. */
static void sandbox_try(struct probe *p)
{
    struct moot_world *w = NULL;
    if (moot__world_real(&w, &p->why) != MOOT_OK)
        return;
    if (moot__sandbox_probe(w, probe_done, p, &p->why) == MOOT_OK)
        while (!p->done && w->turn(w->self, PROBE_MS) == MOOT_OK)
            continue;
    w->destroy(w->self);
}

static void sandbox_line(struct doctor *d)
{
    char path[4096];
    struct probe probe = {0};
    if (!on_path("bwrap", path, sizeof(path))) {
        line(d, MARK_LACKS, "sandbox", "bwrap is not here: crews that run programs will not run",
             "apt install bubblewrap");
        return;
    }
    sandbox_try(&probe);
    if (!probe.worked)
        line(d, MARK_LACKS, "sandbox", probe.why.message,
             "sysctl kernel.unprivileged_userns_clone=1, or an AppArmor profile for bwrap");
    else
        line(d, MARK_GOOD, "sandbox", path, NULL);
}

static void project_line(struct doctor *d, const char *project)
{
    struct statfs fs;
    char text[4300];
    const char *network = NULL;
    if (statfs(project, &fs) == 0)
        network = moot__lock_network_name((unsigned long)fs.f_type);
    if (network != NULL) {
        snprintf(text, sizeof(text), "%s lies on a network file system (%s)", project, network);
        line(d, MARK_LACKS, "project", text, "keep journals on a local disk: --journal FILE");
        return;
    }
    struct moot_run_list list;
    struct moot_error err;
    size_t runs = 0;
    if (moot__runs_list(project, &list, &err) == MOOT_OK) {
        runs = list.count;
        moot__runs_release(&list);
    }
    bool writable = access(project, W_OK) == 0;
    snprintf(text, sizeof(text), "%s, %zu run%s%s", project, runs, runs == 1 ? "" : "s",
             writable ? "" : ", not writable");
    line(d, writable ? MARK_GOOD : MARK_LACKS, "project", text, NULL);
}

static void owner_line(struct doctor *d)
{
    struct moot_error err = {0};
    struct moot_key *owner = NULL;
    bool made = false;
    char *dir = moot__dir_keys();
    char text[512];
    int status = dir != NULL ? moot__key_owner(dir, false, &made, &owner, &err) : MOOT_ENOMEM;
    if (status == MOOT_OK) {
        snprintf(text, sizeof(text), "kid:%s in %s", moot__key_kid(owner), dir);
        line(d, MARK_GOOD, "your key", text, NULL);
    } else if (status == MOOT_ENOTFOUND) {
        line(d, MARK_NOTE, "your key", "none yet: it is made at the first run", NULL);
    } else {
        line(d, MARK_LACKS, "your key", err.message, err.hint[0] != '\0' ? err.hint : NULL);
    }
    moot__key_free(owner);
    free(dir);
}

/* Which providers can be asked: by name only, never a key itself. */
static void model_lines(struct doctor *d, const char *const *before)
{
    bool any = false;
    const struct moot_preset *p;
    for (size_t i = 0; (p = moot__preset_at(i)) != NULL; i++) {
        for (size_t k = 0; k < MOOT_COUNT(p->key_envs); k++) {
            const char *name = p->key_envs[k];
            const char *value = name != NULL ? getenv(name) : NULL;
            char text[256];
            bool was_set = false;
            if (value == NULL || value[0] == '\0')
                continue;
            for (size_t b = 0; before[b] != NULL; b++)
                was_set = was_set || strcmp(before[b], name) == 0;
            snprintf(text, sizeof(text), "%s by %s, from %s", p->name, name,
                     was_set ? "the environment" : ".env");
            line(d, MARK_GOOD, any ? "" : "models", text, NULL);
            any = true;
            break;
        }
    }
    if (!any)
        line(d, MARK_NOTE, "models", "no key of a provider is set: local models and scripts only",
             "export OPENAI_API_KEY=…, or a line of .env in the project's folder");
    const char *model = getenv("MOOT_MODEL");
    if (model != NULL && model[0] != '\0')
        line(d, MARK_NOTE, "", "MOOT_MODEL replaces every model", model);
}

enum { KEY_NAMES_MAX = 64 };

/* The names of keys that are set before .env is read. */
static void names_set(const char **out)
{
    const struct moot_preset *p;
    size_t count = 0;
    for (size_t i = 0; (p = moot__preset_at(i)) != NULL; i++)
        for (size_t k = 0; k < MOOT_COUNT(p->key_envs); k++)
            if (p->key_envs[k] != NULL && getenv(p->key_envs[k]) != NULL &&
                count + 1 < KEY_NAMES_MAX)
                out[count++] = p->key_envs[k];
    out[count] = NULL;
}

static int doctor_run(struct moot_cli *cli, const struct moot_args *args)
{
    (void)args;
    struct doctor d = {.cli = cli};
    const char *before[KEY_NAMES_MAX];
    char *project = moot__project_find(NULL);
    names_set(before);
    if (project != NULL)
        moot__env_load(project);
    system_line(&d);
    terminal_line(&d);
    sandbox_line(&d);
    if (project != NULL)
        project_line(&d, project);
    owner_line(&d);
    model_lines(&d, before);
    free(project);
    return d.lacks > 0 ? MOOT_EXIT_FAILED : MOOT_EXIT_DONE;
}

const struct moot_command moot__cmd_doctor = {
    .name = "doctor",
    .args = "",
    .help = "what this system offers and lacks",
    .more = "Exits with 1 if something is lacking that some crew could need.",
    .example = "moot doctor",
    .group = MOOT_GROUP_SYSTEM,
    .run = doctor_run,
};
