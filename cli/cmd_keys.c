/* moot keys: the owner's key, and those of other people who act on this machine. */
#include "cli/commands.h"
#include "runtime/hash.h"
#include "runtime/sign.h"

#include <dirent.h>

enum { PEOPLE_MAX = 1000 };

static void print_key(struct moot_cli *cli, const char *id, const struct moot_key *key, bool made,
                      const char *dir)
{
    char hex[MOOT_HEX_SIZE];
    moot__hex(moot__key_bytes(key), 32, hex);
    fprintf(cli->out, "%-7s kid:%s   %s%s/%s.key\n", id, moot__key_kid(key),
            made ? "made now in " : "", dir, id);
    if (strcmp(id, "owner") != 0)
        fprintf(cli->out, "        people: {%s: {key: %s}}\n", id, hex);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Ids of NAME.key in the folder but the owner's. The caller frees each. */
static size_t list_people(const char *dir, char **ids)
{
    static const char suffix[] = ".key";
    size_t count = 0;
    DIR *d = opendir(dir);
    const struct dirent *e;
    while (d != NULL && count < PEOPLE_MAX && (e = readdir(d)) != NULL) {
        size_t len = strlen(e->d_name);
        size_t stem = len > sizeof(suffix) - 1 ? len - (sizeof(suffix) - 1) : 0;
        bool key = stem > 0 && strcmp(e->d_name + stem, suffix) == 0 && e->d_name[0] != '.';
        if (!key || strcmp(e->d_name, "owner.key") == 0)
            continue;
        ids[count] = moot__copy(e->d_name, stem);
        count += ids[count] != NULL;
    }
    if (d != NULL)
        closedir(d);
    qsort(ids, count, sizeof(*ids), by_name);
    return count;
}

static void print_people(struct moot_cli *cli, const char *dir)
{
    char **ids = calloc(PEOPLE_MAX, sizeof(*ids));
    size_t count = ids != NULL ? list_people(dir, ids) : 0;
    for (size_t i = 0; i < count; i++) {
        struct moot_error err = {0};
        struct moot_key *key = NULL;
        bool made = false;
        if (moot__key_person(dir, ids[i], false, &made, &key, &err) == MOOT_OK)
            print_key(cli, ids[i], key, false, dir);
        else
            fprintf(cli->out, "%-7s %s\n", ids[i], err.message);
        moot__key_free(key);
        free(ids[i]);
    }
    free(ids);
}

static int keys_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_error err = {0};
    struct moot_key *key = NULL;
    const char *person = moot__arg(args, "person");
    bool make = moot__flag(args, "make");
    bool made = false;
    char *dir = moot__dir_keys();
    int status = dir == NULL      ? moot__fail(&err, MOOT_ENOMEM, "out of memory")
                 : person != NULL ? moot__key_person(dir, person, make, &made, &key, &err)
                                  : moot__key_owner(dir, make, &made, &key, &err);
    int code = MOOT_EXIT_DONE;
    if (status == MOOT_OK) {
        print_key(cli, person != NULL ? person : "owner", key, made, dir);
    } else if (status == MOOT_ENOTFOUND && person == NULL) {
        fprintf(cli->out,
                "owner   none yet: it is made at the first run, or by   moot keys --make\n");
    } else {
        if (status == MOOT_ENOTFOUND)
            moot__fail_hint(&err, "moot keys --person %s --make   makes it", person);
        code = moot__report(cli, &err);
    }
    if (code == MOOT_EXIT_DONE && person == NULL)
        print_people(cli, dir);
    moot__key_free(key);
    free(dir);
    return code;
}

static const struct moot_option options[] = {
    {"person", 0, "ID", "the key of this person, and how a crew file names it", 0},
    {"make", 0, NULL, "make the key, if there is none", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_keys = {
    .name = "keys",
    .args = "",
    .help = "your key, by which runs and approvals are signed",
    .more = "It is made at the first run and never leaves its folder. Where several machines act "
            "for you, MOOT_KEY_FD names a descriptor to read it from.\n"
            "A crew that names people says with its `key` which key each of them signs with; "
            "answers by any other key are refused. Each makes their own where they answer.",
    .example = "moot keys\n"
               "moot keys --person ann --make",
    .options = options,
    .group = MOOT_GROUP_SYSTEM,
    .run = keys_run,
};
