/* A vote as people read it: what was decided, by how much, and who was not for it. */
#include "cli/transcript_state.h"

#include "cli/safe.h"

#include <inttypes.h>

static void add_safe(struct moot_buf *out, const char *text)
{
    moot__safe_add_line(out, text, strlen(text));
}

/* "borda 16/20, 5 of 5 votes": nothing where there was nothing to vote on. */
static void add_count(const struct moot_json *body, int64_t winner, struct moot_buf *out)
{
    const struct moot_json *share =
        moot__json_at(moot__json_get(body, "shares"), (size_t)(winner > 0 ? winner - 1 : 0));
    size_t voters = moot__json_count(moot__json_get(body, "voters"));
    if (voters == 0)
        return;
    moot__buf_adds(out, " · ");
    add_safe(out, moot__json_get_text(body, "rule", ""));
    if (winner > 0 && moot__json_text(share) != NULL) {
        moot__buf_addc(out, ' ');
        add_safe(out, moot__json_text(share));
    }
    moot__buf_addf(out, ", %" PRId64 " of %zu votes", moot__json_get_int(body, "cast", 0), voters);
}

bool moot__fact_agreed(const struct moot_json *body)
{
    return moot__json_get_bool(body, "approved", false);
}

void moot__fact_decision(const struct moot_json *body, struct moot_buf *out)
{
    int64_t winner = moot__json_get_int(body, "winner", 0);
    const char *step = moot__json_get_text(body, "step", "");
    const char *outcome = moot__json_get_text(body, "outcome", "");
    const struct moot_json *list = moot__json_get(body, "candidates");
    const struct moot_json *won = winner > 0 ? moot__json_at(list, (size_t)winner - 1) : NULL;
    bool drawn = strcmp(step, "seed") == 0;
    if (moot__fact_agreed(body)) {
        moot__buf_adds(out, strcmp(step, "chair") == 0       ? "the chair decides: "
                            : strcmp(step, "ask") == 0       ? "a person decides: "
                            : strcmp(step, "unanimous") == 0 ? "no vote is needed: "
                            : drawn                          ? "agreed, a draw among equals: "
                                                             : "agreed: ");
    } else {
        moot__buf_adds(out, "no consensus (");
        add_safe(out, outcome);
        moot__buf_addc(out, ')');
        if (strcmp(step, "round") == 0)
            moot__buf_adds(out, ": another round");
        else if (won != NULL)
            moot__buf_adds(out, ": goes on unapproved with ");
    }
    add_safe(out, moot__json_get_text(won, "title", ""));
    add_count(body, winner, out);
}

bool moot__fact_dissent(const struct moot_json *body, size_t i, struct moot_buf *out)
{
    const struct moot_json *d = moot__json_at(moot__json_get(body, "dissent"), i);
    const char *reason = moot__json_get_text(d, "reason", "");
    if (d == NULL)
        return false;
    add_safe(out, moot__json_get_text(d, "from", ""));
    moot__buf_adds(out, " was not for it");
    if (reason[0] != '\0') {
        moot__buf_adds(out, ": ");
        add_safe(out, reason);
    }
    return true;
}
