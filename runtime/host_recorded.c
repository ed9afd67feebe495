/* Calls that a recording answers: they never leave the process. */
#include "runtime/host_state.h"

static void tell_new(struct moot_host *h, const struct moot_flight *f, enum moot_found found)
{
    char text[400];
    if (h->told_new || h->o.watcher.notice == NULL || h->o.replay != MOOT_REPLAY_THEN_LIVE)
        return;
    h->told_new = true;
    snprintf(text, sizeof(text), "new from here on: %.100s %u in %.200s %s", f->from, f->n, f->conv,
             found == MOOT_FOUND_OTHER ? "asks something else than was recorded"
                                       : "is not in the recording");
    h->o.watcher.notice(h->o.watcher.arg, text);
}

bool moot__host_only_replays(const struct moot_host *h)
{
    return h->o.recording != NULL && h->o.replay == MOOT_REPLAY_ONLY;
}

/* Of what tools did: what was refused was not done, and may be decided otherwise. */
static bool was_done(const struct moot_tool_spec *tool, const struct moot_recorded *r)
{
    const char *status = moot__json_get_text(r->body, "status", "");
    return tool != NULL && tool->effect != MOOT_EFFECT_NONE && strcmp(status, "denied") != 0 &&
           strcmp(status, "limit") != 0;
}

static enum moot_found find(const struct moot_host *h, const struct moot_message *call,
                            const struct moot_tool_spec *tool, struct moot_recorded *out)
{
    if (h->o.recording == NULL)
        return MOOT_FOUND_NONE;
    enum moot_found found = moot__recording_find(h->o.recording, call, out);
    bool other = found == MOOT_FOUND && h->o.replay == MOOT_REPLAY_ACTS && !was_done(tool, out);
    return other ? MOOT_FOUND_NONE : found;
}

bool moot__host_replays(const struct moot_host *h, const struct moot_message *call,
                        const struct moot_tool_spec *tool)
{
    struct moot_recorded r;
    return moot__host_only_replays(h) || find(h, call, tool, &r) == MOOT_FOUND;
}

bool moot__host_recorded(struct moot_host *h, const struct moot_message *call,
                         struct moot_flight *f)
{
    if (h->o.recording == NULL)
        return false;
    f->found = find(h, call, f->tool, &f->recorded);
    f->is_recorded = f->found == MOOT_FOUND;
    if (!f->is_recorded)
        tell_new(h, f, f->found);
    return f->is_recorded;
}

/* A replay never goes on live: it would cost, or act, where nobody expects it. */
static void fail_unrecorded(struct moot_flight *f)
{
    static const char *const words[] = {
        [MOOT_FOUND] = "",
        [MOOT_FOUND_NONE] = "is not in the recording",
        [MOOT_FOUND_OTHER] = "asks something else than was recorded",
        [MOOT_FOUND_REDACTED] = "was redacted in the recording",
    };
    struct moot_error why = {0};
    moot__fail(&why, MOOT_ENOTFOUND, "%.100s %u in %.200s %s", f->from, f->n, f->conv,
               words[f->found]);
    moot__flight_fail(f, MOOT_ENOTFOUND, &why);
}

bool moot__flight_replay(struct moot_flight *f)
{
    if (f->is_recorded) {
        f->finished = true;
        f->host->dirty = true;
    } else if (moot__host_only_replays(f->host)) {
        fail_unrecorded(f);
    }
    return f->finished;
}

/* What is used again costs nothing now, but it counts as it did: a replay decides as the run did.
 */
struct moot_json *moot__flight_recorded_body(const struct moot_flight *f)
{
    struct moot_json *body = moot__json_copy(f->recorded.body);
    int status = moot__json_set_bool(body, "recorded", true);
    if (f->call != NULL)
        status |= moot__json_set_text(body, "call", f->call);
    if (f->tool != NULL && f->tool->reads_private)
        status |= moot__json_set_bool(body, "private", true);
    if (body != NULL && status == MOOT_OK)
        return body;
    moot__json_free(body);
    return NULL;
}

int moot__host_fly_question(struct moot_host *h, const struct moot_message *m,
                            struct moot_error *err)
{
    if (h->o.recording == NULL)
        return MOOT_OK;
    struct moot_flight *f = moot__flight_new(h, m);
    if (f == NULL)
        return moot__fail(err, MOOT_ENOMEM, "run %s: out of memory", h->run_id);
    f->consented = true;
    if (moot__host_recorded(h, m, f))
        return MOOT_OK;
    return moot__flight_land(f); /* a person is asked, as in any run */
}
