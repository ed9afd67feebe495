#include "agents/turn_compact.h"

#include "agents/compact.h"
#include "agents/react.h"
#include "agents/role.h"

static int show_all(struct moot_me *me)
{
    const struct moot_view *v = &me->turn.view;
    moot__fx_anew(me->fx);
    return moot__view_show(v, 0, v->count, me->fx);
}

/* The call becomes one that tells the range in short; the turn's own comes after it. Its tools stay
 * declared, as there may be calls in the range. */
static int summarise(struct moot_me *me, const struct moot_compact *plan)
{
    struct moot_turn_state *t = &me->turn;
    struct moot_think *think = &moot__fx_last_think(me->fx)->think;
    t->cut_from = plan->from;
    t->cut_to = plan->to;
    t->sums++;
    moot__fx_anew(me->fx);
    think->tool_choice = think->tool_count > 0 ? "none" : NULL;
    think->schema = NULL;
    think->schema_name = NULL;
    think->stop = NULL;
    think->sums = true;
    moot__fx_add_text(me->fx, MOOT_ADD_SYSTEM, moot__compact_system);
    moot__view_show(&t->view, plan->from, plan->to, me->fx);
    moot__fx_add_text(me->fx, MOOT_ADD_USER, moot__compact_question);
    moot__sm_move(&t->sm, MOOT_TURN_COMPACT);
    return me->fx->status;
}

/* Makes the view smaller until it fits, as far as it can be; *sums: by a summary, which comes
 * first. */
static int compact(struct moot_me *me, int64_t room, bool *sums)
{
    struct moot_turn_state *t = &me->turn;
    const struct moot_compaction_def *def = moot__persona_compaction(me->persona);
    bool first = true;
    *sums = false;
    while (first || (room >= 0 && moot__view_tokens(&t->view, 0, t->view.count) > room)) {
        int times = room < 0 ? t->compacted : 0;
        struct moot_compact plan = moot__compact_plan(&t->view, def, room, times);
        first = false;
        if (plan.way == MOOT_COMPACT_NOTHING)
            break;
        *sums = plan.way == MOOT_COMPACT_SUMMARISE && t->compacted < MOOT_COMPACT_TIMES;
        t->compacted++;
        if (*sums)
            return summarise(me, &plan);
        if (plan.way == MOOT_COMPACT_OMIT) {
            if (moot__view_omit(&t->view, plan.from) != MOOT_OK)
                return MOOT_ENOMEM;
        } else {
            moot__view_cut(&t->view, plan.from, plan.to);
        }
    }
    return MOOT_OK;
}

int moot__turn_settle(struct moot_me *me)
{
    struct moot_turn_state *t = &me->turn;
    struct moot_effect *e = moot__fx_last_think(me->fx);
    if (t->sm.at != MOOT_TURN_THINK || me->fx->status != MOOT_OK || e == NULL || e->n != t->call_n)
        return MOOT_OK;
    bool anew = t->anew;
    int rc = MOOT_OK;
    if (!anew && t->words && t->told != t->ask.tools) {
        rc = moot__react_tell(&e->think, t->own, t->ask.tools, t->ask.tool_count);
        t->told = t->ask.tools;
    }
    if (!anew && rc == MOOT_OK)
        rc = moot__view_extend(&t->view, e->think.adds, e->think.add_count, t->own, t->begins);
    if (rc != MOOT_OK)
        return rc;
    if (t->begins && !anew)
        anew = moot__view_bound(&t->view, moot__persona_view(me->persona));
    const struct moot_model_def *model = moot__def_model(me->persona->crew, e->think.model);
    int64_t room = t->refused ? -1 : moot__compact_room(model, &e->think);
    bool over = room >= 0 && moot__view_tokens(&t->view, 0, t->view.count) > room;
    bool sums = false;
    if (over || t->refused) {
        rc = compact(me, room, &sums);
        anew = true;
    }
    t->refused = false;
    return rc == MOOT_OK && anew && !sums ? show_all(me) : rc;
}

/* The call is made again with less, as long as there is anything to leave out. */
int moot__turn_too_long(struct moot_me *me, const char *detail, bool *ended,
                        struct moot_thought *end)
{
    struct moot_turn_state *t = &me->turn;
    struct moot_compact plan =
        moot__compact_plan(&t->view, moot__persona_compaction(me->persona), -1, t->compacted);
    if (plan.way != MOOT_COMPACT_NOTHING) {
        t->refused = true;
        return moot__turn_ask_anew(me);
    }
    char words[512];
    snprintf(words, sizeof(words),
             "the conversation is too long for %.100s, and nothing more can "
             "be left out of it: %.300s",
             moot__turn_model(t), detail);
    *ended = true;
    return moot__turn_end_failed(me, "error", words, end);
}

/* The summary, as a message that stands for the range. */
static int say_summary(struct moot_me *me, const struct moot_message *reply, const char *text)
{
    struct moot_turn_state *t = &me->turn;
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    moot__buf_addf(&words, "%s%s", moot__compact_before, text);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int rc = body == NULL ? MOOT_ENOMEM : words.status;
    if (rc == MOOT_OK)
        rc = moot__body_say(body, moot__buf_text(&words));
    if (rc == MOOT_OK)
        rc = moot__json_set_int(body, "entries", (int64_t)(t->cut_to - t->cut_from));
    if (rc == MOOT_OK)
        rc =
            moot__json_set_int(body, "tokens", moot__view_tokens(&t->view, t->cut_from, t->cut_to));
    if (rc != MOOT_OK) {
        moot__json_free(body);
        moot__buf_release(&words);
        return rc;
    }
    uint32_t n = moot__say(me, MOOT_SUMMARY, me->agent, body);
    moot__fx_re(me->fx, moot_message_from(reply), moot_message_n(reply));
    rc = me->fx->status;
    if (rc == MOOT_OK)
        rc = moot__view_replace(&t->view, t->cut_from, t->cut_to, me->agent, n,
                                moot__buf_text(&words));
    moot__buf_release(&words);
    return rc;
}

/* It could not be told in short: then it is left out. */
int moot__turn_on_summary(struct moot_me *me, const struct moot_message *m, bool *ended,
                          struct moot_thought *end)
{
    struct moot_turn_state *t = &me->turn;
    const struct moot_json *body = moot_message_json(m);
    const char *status = moot__json_get_text(body, "status", "error");
    bool good = strcmp(status, "ok") == 0;
    moot__turn_add_usage(t, body);
    if (!good && strcmp(status, "error") != 0) {
        *ended = true;
        return moot__turn_end_failed(me, status, moot__json_get_text(body, "detail", status), end);
    }
    char *text = NULL;
    int rc = moot__parts(body, &text);
    if (rc == MOOT_OK && good && text[strspn(text, " \t\r\n")] != '\0')
        rc = say_summary(me, m, text);
    else if (rc == MOOT_OK)
        moot__view_cut(&t->view, t->cut_from, t->cut_to);
    free(text);
    return rc == MOOT_OK ? moot__turn_ask_anew(me) : rc;
}
