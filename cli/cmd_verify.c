/* moot verify: the proof of who said what, of a journal or of an exported one. */
#include "cli/commands.h"
#include "cli/paint.h"
#include "cli/project.h"
#include "cli/safe.h"
#include "cli/transcript.h"
#include "runtime/verify.h"

#include <inttypes.h>

static void begin_report(struct moot_buf *out, const struct moot_verify_result *r, const char *path)
{
    char name[10];
    moot__run_short(r->run, name);
    if (r->run[0] != '\0')
        moot__buf_addf(out, "run %s   ", name);
    else
        moot__buf_addf(out, "%s   ", path);
}

static void add_number(struct moot_buf *out, int64_t n, const char *one, const char *many)
{
    moot__buf_addf(out, "%" PRId64 " %s", n, n == 1 ? one : many);
}

static void add_times(struct moot_buf *out, int64_t n)
{
    if (n == 1)
        moot__buf_adds(out, "once");
    else
        moot__buf_addf(out, "%" PRId64 " times", n);
}

static void report_good(struct moot_buf *out, const struct moot_verify_result *r, const char *path)
{
    begin_report(out, r, path);
    moot__add_number_of(out, r->messages, "message");
    moot__buf_adds(out, ", chain unbroken · ");
    moot__add_number_of(out, r->signatures, "signature");
    moot__buf_adds(out, " by ");
    moot__add_number_of(out, r->keys, "key");
    moot__buf_adds(out, ", ");
    moot__add_number_of(out, r->anchors, "anchor");
    moot__buf_addf(out, ", all good\n  owner   kid:%s   run keys certified", r->owner);
    if (r->resumes > 0) {
        moot__buf_adds(out, ", again after ");
        add_number(out, r->resumes, "resume", "resumes");
    }
    if (r->forks > 0) {
        moot__buf_adds(out, ", and for ");
        add_number(out, r->forks, "fork", "forks");
    }
    moot__buf_adds(out, "\n  crew    as in genesis");
    if (r->amended > 0) {
        moot__buf_adds(out, ", amended ");
        add_times(out, r->amended);
    }
    if (r->decisions > 0) {
        moot__buf_adds(out, "\n  votes   ");
        moot__add_number_of(out, r->decisions, "decision");
        moot__buf_adds(out, ", counted again from ");
        moot__add_number_of(out, r->ballots, "ballot");
    }
    if (r->from[0] != '\0') {
        char name[10];
        moot__run_short(r->from, name);
        moot__buf_addf(out, "\n  %s run %s, up to message %" PRId64,
                       r->replayed ? "replays" : "forked  from", name, r->from_seq);
    } else if (r->replayed) {
        moot__buf_adds(out, "\n  replays a file of replies");
    }
    moot__buf_addf(out, "\n  redacted %" PRId64, r->redacted);
    moot__buf_addf(out, "      unwitnessed %" PRId64, r->unwitnessed);
    moot__buf_adds(out, "      unsandboxed tools ");
    if (r->unsandboxed > 0)
        moot__buf_addf(out, "%" PRId64 ": nothing here proves anything against them",
                       r->unsandboxed);
    else
        moot__buf_adds(out, "none");
    moot__buf_addf(out, "\n  head    %s\n",
                   r->head_compared ? "as this machine remembers it"
                                    : "not compared: this machine has not kept it");
}

static void report_fault(struct moot_buf *out, const struct moot_verify_result *r, const char *path,
                         int code, size_t width)
{
    size_t start = out->len;
    begin_report(out, r, path);
    moot__safe_add_line(out, r->error.message, strlen(r->error.message));
    char exit_text[24];
    snprintf(exit_text, sizeof(exit_text), "exit %d", code);
    size_t hint = out->len;
    const char *text = r->error.hint;
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        moot__buf_adds(out, "\n  ");
        hint = out->len - 2;
        moot__safe_add(out, text, len);
        text += len + (text[len] == '\n');
    }
    size_t line = hint > start ? hint : start;
    moot__add_pad(out, line == out->len ? start : line, width - strlen(exit_text), 3);
    moot__buf_addf(out, "%s\n", exit_text);
}

static void report_json(struct moot_cli *cli, const struct moot_verify_result *r, int code)
{
    struct moot_json *j = moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_bool(j, "ok", r->status == MOOT_OK);
    moot__json_set_int(j, "exit", code);
    moot__json_set_text(j, "fault", r->fault);
    moot__json_set_text(j, "message", r->error.message);
    moot__json_set_int(j, "seq", r->seq);
    moot__json_set_text(j, "run", r->run);
    moot__json_set_text(j, "owner", r->owner);
    moot__json_set_int(j, "messages", r->messages);
    moot__json_set_int(j, "signatures", r->signatures);
    moot__json_set_int(j, "keys", r->keys);
    moot__json_set_int(j, "anchors", r->anchors);
    moot__json_set_int(j, "decisions", r->decisions);
    moot__json_set_int(j, "ballots", r->ballots);
    moot__json_set_int(j, "redacted", r->redacted);
    moot__json_set_int(j, "resumes", r->resumes);
    if (r->from[0] != '\0') {
        moot__json_set_text(j, r->replayed ? "replays" : "forked_from", r->from);
        moot__json_set_int(j, "up_to", r->from_seq);
    }
    moot__json_set_int(j, "unwitnessed", r->unwitnessed);
    moot__json_set_int(j, "amended", r->amended);
    moot__json_set_int(j, "unsandboxed", r->unsandboxed);
    moot__json_set_bool(j, "closed", r->closed);
    moot__json_set_bool(j, "head_compared", r->head_compared);
    char *text = moot__json_string(j);
    if (text != NULL)
        fprintf(cli->out, "%s\n", text);
    free(text);
    moot__json_free(j);
}

static int verify_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_error err = {0};
    struct moot_verify_result *r = calloc(1, sizeof(*r));
    struct moot_buf out;
    char *path = NULL;
    char *state = moot__dir_state();
    int status = r != NULL ? moot__run_find(moot__word(args, 0), &path, &err)
                           : moot__fail(&err, MOOT_ENOMEM, "out of memory");
    if (status != MOOT_OK) {
        free(state);
        free(r);
        return moot__report(cli, &err);
    }
    struct moot_verify_options options = {
        .owner = moot__arg(args, "key"), .state_dir = state, .strict = moot__flag(args, "strict")};
    if (options.owner != NULL && strncmp(options.owner, "kid:", 4) == 0)
        options.owner += 4;
    moot__verify_file(path, &options, r);
    int code = moot__verify_exit(r->status);
    moot__buf_init(&out, 64 * 1024);
    if (moot__flag(args, "json")) {
        report_json(cli, r, code);
    } else if (r->status == MOOT_ENOTFOUND || r->status == MOOT_EIO || r->status == MOOT_EVERSION) {
        moot__report(cli, &r->error);
    } else if (r->status == MOOT_OK) {
        report_good(&out, r, path);
        fputs(moot__buf_text(&out), cli->out);
    } else {
        size_t width = (size_t)cli->err_term.columns - 1;
        report_fault(&out, r, path, code, width < 100 ? width : 100);
        fputs(moot__buf_text(&out), cli->err);
    }
    moot__buf_release(&out);
    free(state);
    free(path);
    free(r);
    return code;
}

static const struct moot_option options[] = {
    {"key", 0, "KID", "the owner's key must be this one", 0},
    {"strict", 0, NULL, "unwitnessed messages and unsandboxed tools are faults too", 0},
    {"json", 0, NULL, "as one JSON object", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_verify = {
    .name = "verify",
    .args = "[RUN|FILE]",
    .help = "the proof of who said what",
    .more = "Checks every message, signature and anchor of a journal or of an exported one. Exit "
            "codes: "
            "0 all good, 3 bad signature, 4 chain break, 5 incomplete, 6 unknown or revoked key, 7 "
            "malformed.",
    .example = "moot verify\nmoot verify run.jsonl --key kid:q4zt…",
    .options = options,
    .group = MOOT_GROUP_LOOK,
    .max_words = 1,
    .complete = MOOT_COMPLETE_RUN,
    .run = verify_run,
};
