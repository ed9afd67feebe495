/* Errors as people see them: what was tried, on what, why it failed, and below it what to type. */
#include "cli/cmd.h"
#include "cli/safe.h"

enum { HINT_LINES_MAX = 3 };

int moot__exit_code(int status)
{
    switch (status) {
    case MOOT_OK:
        return MOOT_EXIT_DONE;
    case MOOT_ESIGNATURE:
        return MOOT_EXIT_SIGNATURE;
    case MOOT_ECHAIN:
        return MOOT_EXIT_CHAIN;
    case MOOT_EINCOMPLETE:
        return MOOT_EXIT_INCOMPLETE;
    case MOOT_EKEY:
        return MOOT_EXIT_KEY;
    case MOOT_EMALFORMED:
        return MOOT_EXIT_MALFORMED;
    case MOOT_ELIMIT:
        return MOOT_EXIT_LIMIT;
    case MOOT_EIO:
        return MOOT_EXIT_IO;
    case MOOT_EUSAGE:
    case MOOT_EINVAL:
    case MOOT_ESYNTAX:
    case MOOT_ENOTFOUND:
    case MOOT_EEXIST:
    case MOOT_EDENIED:
    case MOOT_EVERSION:
        return MOOT_EXIT_USAGE;
    default:
        return MOOT_EXIT_FAILED;
    }
}

/* The hint's lines; the first behind the place in the user's file, if there is one. */
static void report_hints(struct moot_cli *cli, const struct moot_error *err)
{
    struct moot_buf line;
    moot__buf_init(&line, sizeof(err->hint) * 16);
    const char *hint = err->hint;
    for (int i = 0; i < HINT_LINES_MAX && (hint[0] != '\0' || (i == 0 && err->file[0] != '\0'));
         i++) {
        size_t len = strcspn(hint, "\n");
        moot__buf_clear(&line);
        moot__buf_adds(&line, "  ");
        if (i == 0 && err->file[0] != '\0') {
            moot__safe_add(&line, err->file, strlen(err->file));
            if (err->line > 0)
                moot__buf_addf(&line, ":%d", err->line);
            if (len > 0)
                moot__buf_adds(&line, "   ");
        }
        moot__safe_add(&line, hint, len);
        fprintf(cli->err, "%s\n", moot__buf_text(&line));
        hint += len + (hint[len] == '\n');
    }
    moot__buf_release(&line);
}

int moot__report(struct moot_cli *cli, const struct moot_error *err)
{
    struct moot_buf text;
    moot__buf_init(&text, sizeof(err->message) * 16);
    moot__safe_add(&text, err->message, strlen(err->message));
    fflush(cli->out);
    fprintf(cli->err, "%serror:%s %s\n", cli->err_term.colours > 0 ? "\x1b[1;31m" : "",
            cli->err_term.colours > 0 ? "\x1b[0m" : "", moot__buf_text(&text));
    moot__buf_release(&text);
    report_hints(cli, err);
    fflush(cli->err);
    return moot__exit_code(err->code);
}
