#include "roles/said.h"

#include "agents/role.h"

/* An amount as the journal writes it: digits of a whole number, as text. What is none is 0: a body
 * is whatever its author made it. */
static int64_t amount(const struct moot_json *usage, const char *key)
{
    const char *digits = moot__json_get_text(usage, key, NULL);
    int64_t n = moot__json_get_int(usage, key, 0);
    if (digits != NULL && !moot__int_parse(digits, &n))
        n = 0;
    return n > 0 ? n : 0;
}

/* What it declares the goal reached with. A result that is no text is as good a declaration. */
static const char *declared(const struct moot_json *body)
{
    const struct moot_json *finish = moot__json_get(body, "finish");
    const char *text = moot__json_text(finish);
    bool none = finish == NULL || moot__json_is(finish, MOOT_JSON_NULL);
    return none ? NULL : text != NULL ? text : "";
}

int moot__said_read(const struct moot_message *m, struct moot_said *out)
{
    const struct moot_json *body = moot_message_json(m);
    const struct moot_json *failed = moot__json_get(body, "failed");
    const struct moot_json *usage = moot__json_get(body, "usage");
    const struct moot_json *calls = moot__json_get(body, "calls");
    const char *by = moot__json_get_text(body, "by", NULL);
    bool opening = moot__json_get_bool(body, "opening", false);
    bool turn = moot_message_re_n(m) != 0;
    *out = (struct moot_said){.from = moot_message_from(m)};
    int status = moot__parts(body, &out->text);
    if (status != MOOT_OK)
        return status;
    if (moot__json_is(failed, MOOT_JSON_OBJECT)) {
        out->failed = moot__json_get_text(failed, "status", "error");
        out->detail = moot__json_get_text(failed, "detail", "");
    }
    out->opening = opening;
    out->by_model = turn && !opening && by == NULL && out->failed == NULL;
    out->by_person = by != NULL ? strcmp(by, "person") == 0 : !turn && !opening;
    out->finish = turn ? declared(body) : NULL;
    out->handoff = turn ? moot__json_get_text(body, "handoff", NULL) : NULL;
    out->exit = turn ? moot__json_get_text(body, "exit", NULL) : NULL;
    out->next = turn ? NULL : moot__json_get_text(body, "for", NULL);
    out->interrupts = !turn && moot__json_get_bool(body, "interrupt", false);
    out->answers_person = turn && moot__json_get_bool(body, "answers_person", false);
    out->calls = moot__json_is(calls, MOOT_JSON_ARRAY) ? calls : NULL;
    out->tokens = amount(usage, "tokens");
    out->cost = amount(usage, "cost");
    return MOOT_OK;
}

void moot__said_release(struct moot_said *said)
{
    free(said->text);
    *said = (struct moot_said){0};
}
