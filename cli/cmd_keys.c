/* moot keys: the owner's key. */
#include "cli/commands.h"
#include "runtime/sign.h"

static int keys_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_error err = {0};
    struct moot_key *owner = NULL;
    bool made = false;
    char *dir = moot__dir_keys();
    int status = dir != NULL ? moot__key_owner(dir, moot__flag(args, "make"), &made, &owner, &err)
                             : moot__fail(&err, MOOT_ENOMEM, "out of memory");
    int code = MOOT_EXIT_DONE;
    if (status == MOOT_OK) {
        fprintf(cli->out, "owner   kid:%s   %s%s/owner.key\n", moot__key_kid(owner),
                made ? "made now in " : "", dir);
    } else if (status == MOOT_ENOTFOUND) {
        fprintf(cli->out,
                "owner   none yet: it is made at the first run, or by   moot keys --make\n");
    } else {
        code = moot__report(cli, &err);
    }
    moot__key_free(owner);
    free(dir);
    return code;
}

static const struct moot_option options[] = {
    {"make", 0, NULL, "make the owner's key, if there is none", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_keys = {
    .name = "keys",
    .args = "",
    .help = "your key, by which runs and approvals are signed",
    .more =
        "It is made at the first run and never leaves its folder. Where several machines act for "
        "you, MOOT_KEY_FD names a descriptor to read it from.",
    .example = "moot keys",
    .options = options,
    .group = MOOT_GROUP_SYSTEM,
    .run = keys_run,
};
