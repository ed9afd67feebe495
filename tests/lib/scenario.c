/* The lines of a transcript, with texts' line breaks as `\n`; those of an inner conversation begin
 * with its path:
 *
 *   group_chat opens: TEXT                  the opening
 *   -> ann (WHY)[ ending][ nudged]          a turn is given
 *   ann: TEXT                               said by its model
 *   ann (person): TEXT · ann (auto): TEXT   by its person, or by itself
 *   ann finishes: RESULT · ann hands to bob: TEXT · ann leaves: WHY · ann fails: STATUS
 *   ann calls TOOL ARGS · = STATUS          a tool
 *   ann asks · person answers: TEXT         a question
 *   host asks consent · person: DECISION    an approval
 *   ann sums up: TEXT                       what stands for a range that was too long
 *   group_chat thinks: TEXT                 what the manager's model said
 *   ann judges: passed · ann judges: WHAT; WHAT   a check's verdict
 *   ann votes: approve 2 1 · ann votes: none · ann votes: nothing      by the numbers of candidates
 *   consensual decides: OUTCOME by STEP[: TITLE][ unapproved]
 *   boss delegates w1 to ann[ (said Ann)][: INSTRUCTION] · w1 todo -> assigned[ (WHY)]
 *   end STOP[ rejected|skipped][ unapproved][: DETAIL][ = RESULT]
 */
#include "tests/lib/scenario.h"

#include "roles/crew_load.h"
#include "runtime/request.h"
#include "runtime/sandbox.h"
#include "runtime/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>

struct playing {
    const struct scenario *s;
    struct moot_buf lines;
};

static void add_text(struct moot_buf *out, const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        if (*text == '\n')
            moot__buf_adds(out, "\\n");
        else
            moot__buf_add(out, text, 1);
}

static void add_words(struct moot_buf *out, const char *lead, const char *text)
{
    moot__buf_adds(out, lead);
    if (text == NULL || text[0] == '\0')
        return;
    moot__buf_adds(out, ": ");
    add_text(out, text);
}

static void add_said(struct moot_buf *out, const struct moot_message *m)
{
    const struct moot_json *body = moot_message_json(m);
    const char *from = moot_message_from(m);
    char *text = moot__parts_text(body);
    const char *by = moot__json_get_text(body, "by", NULL);
    const char *finish = moot__json_get_text(body, "finish", NULL);
    const char *handoff = moot__json_get_text(body, "handoff", NULL);
    const char *left = moot__json_get_text(body, "exit", NULL);
    const struct moot_json *failed = moot__json_get(body, "failed");
    moot__buf_adds(out, from);
    if (moot__json_get_bool(body, "opening", false))
        add_words(out, " opens", text);
    else if (failed != NULL)
        moot__buf_addf(out, " fails: %s", moot__json_get_text(failed, "status", ""));
    else if (finish != NULL)
        add_words(out, " finishes", finish);
    else if (handoff != NULL) {
        moot__buf_addf(out, " hands to %s", handoff);
        add_words(out, "", text);
    } else if (left != NULL)
        add_words(out, " leaves", left);
    else {
        if (by != NULL)
            moot__buf_addf(out, " (%s)", by);
        moot__buf_adds(out, ":");
        if (text != NULL && text[0] != '\0')
            moot__buf_adds(out, " ");
        add_text(out, text);
    }
    free(text);
}

static void add_verdict(struct moot_buf *out, const struct moot_message *m)
{
    const struct moot_json *body = moot_message_json(m);
    const struct moot_json *p = moot__json_first(moot__json_get(body, "problems"));
    moot__buf_addf(out, "%s judges: ", moot_message_from(m));
    if (moot__json_get_bool(body, "passed", false))
        moot__buf_adds(out, "passed");
    for (const char *lead = ""; p != NULL; p = moot__json_next(p), lead = "; ") {
        moot__buf_adds(out, lead);
        add_text(out, moot__json_get_text(p, "what", ""));
    }
}

static void add_end(struct moot_buf *out, const struct moot_json *body)
{
    const struct moot_json *result = moot__json_get(body, "result");
    const char *outcome = moot__json_get_text(body, "outcome", "");
    const char *words = moot__json_get_text(result, "text", NULL);
    moot__buf_addf(out, "end %s", moot__json_get_text(body, "stop", ""));
    if (strcmp(outcome, "rejected") == 0 || strcmp(outcome, "skipped") == 0)
        moot__buf_addf(out, " %s", outcome);
    if (moot__json_get_bool(body, "unapproved", false))
        moot__buf_adds(out, " unapproved");
    add_words(out, "", moot__json_get_text(body, "detail", ""));
    words = words != NULL ? words : moot__json_get_text(result, "json", NULL);
    if (words != NULL) {
        moot__buf_adds(out, " = ");
        add_text(out, words);
    }
    add_words(out, moot__json_get(body, "summary") != NULL ? ", in short" : "",
              moot__json_get_text(body, "summary", ""));
}

static void add_ballot(struct moot_buf *out, const struct moot_json *body)
{
    static const char *const lists[] = {"approve", "rank"};
    if (moot__json_get_bool(body, "none", false) || moot__json_get_bool(body, "abstains", false))
        moot__buf_adds(out, moot__json_get_bool(body, "none", false) ? " votes: none"
                                                                     : " votes: nothing");
    for (size_t i = 0; i < MOOT_COUNT(lists); i++) {
        const struct moot_json *n = moot__json_first(moot__json_get(body, lists[i]));
        if (n != NULL)
            moot__buf_addf(out, " votes: %s", lists[i]);
        for (; n != NULL; n = moot__json_next(n))
            moot__buf_addf(out, " %s", moot__json_digits(n));
    }
}

static void add_decision(struct moot_buf *out, const struct moot_json *body)
{
    int64_t winner = moot__json_get_int(body, "winner", 0);
    const struct moot_json *list = moot__json_get(body, "candidates");
    moot__buf_addf(out, " decides: %s by %s", moot__json_get_text(body, "outcome", ""),
                   moot__json_get_text(body, "step", ""));
    if (winner > 0)
        add_words(out, "",
                  moot__json_get_text(moot__json_at(list, (size_t)winner - 1), "title", ""));
    if (winner > 0 && !moot__json_get_bool(body, "approved", false))
        moot__buf_adds(out, " unapproved");
}

static void add_line(struct moot_buf *out, const struct moot_message *m)
{
    const struct moot_json *body = moot_message_json(m);
    const char *from = moot_message_from(m);
    char *text = NULL;
    enum moot_kind kind = moot_message_kind(m);
    if (kind == MOOT_MSG) {
        add_said(out, m);
    } else if (kind == MOOT_TURN) {
        moot__buf_addf(out, "-> %s (%s)%s%s", moot_message_to(m, 0),
                       moot__json_get_text(body, "why", ""),
                       moot__json_get_bool(body, "ending", false) ? " ending" : "",
                       moot__json_get(body, "nudge") != NULL ? " nudged" : "");
    } else if (kind == MOOT_DELEGATE) {
        const char *said = moot__json_get_text(body, "said", NULL);
        moot__buf_addf(out, "%s delegates %s to %s", from,
                       moot__json_get_text(body, "work_item", ""),
                       moot__json_get_text(body, "to", ""));
        if (said != NULL) {
            moot__buf_adds(out, " (said ");
            add_text(out, said);
            moot__buf_adds(out, ")");
        }
        add_words(out, "", moot__json_get_text(body, "instruction", ""));
    } else if (kind == MOOT_TRANSITION) {
        const char *why = moot__json_get_text(body, "why", NULL);
        moot__buf_addf(out, "%s %s -> %s", moot__json_get_text(body, "work_item", ""),
                       moot__json_get_text(body, "from", ""), moot__json_get_text(body, "to", ""));
        if (why != NULL) {
            moot__buf_adds(out, " (");
            add_text(out, why);
            moot__buf_adds(out, ")");
        }
    } else if (kind == MOOT_TOOL_CALL) {
        moot__buf_addf(out, "%s calls %s ", from, moot__json_get_text(body, "tool", ""));
        add_text(out, moot__json_get_text(body, "args", ""));
    } else if (kind == MOOT_TOOL_RESULT) {
        moot__buf_addf(out, "= %s", moot__json_get_text(body, "status", ""));
    } else if (kind == MOOT_QUESTION) {
        moot__buf_addf(out, "%s asks", from);
    } else if (kind == MOOT_APPROVAL_REQUEST) {
        moot__buf_adds(out, "host asks consent");
    } else if (kind == MOOT_ANSWER) {
        add_words(out, "person answers", moot__json_get_text(body, "text", ""));
    } else if (kind == MOOT_APPROVAL) {
        add_words(out, "person", moot__json_get_text(body, "decision", ""));
    } else if (kind == MOOT_VERDICT) {
        add_verdict(out, m);
    } else if (kind == MOOT_BALLOT) {
        moot__buf_adds(out, from);
        add_ballot(out, body);
    } else if (kind == MOOT_DECISION) {
        moot__buf_adds(out, from);
        add_decision(out, body);
    } else if (kind == MOOT_MODEL_REPLY) {
        text = moot__parts_text(body);
        moot__buf_addf(out, "%s thinks", moot_message_re_from(m));
        add_words(out, "", text);
        free(text);
    } else if (kind == MOOT_SUMMARY) {
        text = moot__parts_text(body);
        moot__buf_addf(out, "%s sums up", from);
        add_words(out, "", text);
        free(text);
    } else {
        add_end(out, body);
    }
}

static bool is_shown(const struct moot_message *m)
{
    static const enum moot_kind shown[] = {
        MOOT_MSG,         MOOT_TURN,     MOOT_TOOL_CALL,  MOOT_QUESTION,         MOOT_ANSWER,
        MOOT_TOOL_RESULT, MOOT_APPROVAL, MOOT_END,        MOOT_APPROVAL_REQUEST, MOOT_SUMMARY,
        MOOT_VERDICT,     MOOT_DELEGATE, MOOT_TRANSITION, MOOT_BALLOT,           MOOT_DECISION};
    enum moot_kind kind = moot_message_kind(m);
    const char *last = strrchr(moot_message_conv(m), '/');
    if (moot_message_conv(m)[0] == '\0')
        return false;
    /* What a ballot's conversation came to is the ballot; one that was given up is shown. */
    if (kind == MOOT_END && last != NULL && strncmp(last, "/vote", 5) == 0 &&
        moot__json_get(moot_message_json(m), "result") != NULL)
        return false;
    /* What a member's model says is said again in its turn; a manager's is not. */
    if (kind == MOOT_MODEL_REPLY) {
        const char *who = moot_message_re_from(m);
        return who != NULL && (strcmp(who, "group_chat") == 0 || strcmp(who, "ledger") == 0 ||
                               strcmp(who, "pair") == 0);
    }
    for (size_t i = 0; i < MOOT_COUNT(shown); i++)
        if (shown[i] == kind)
            return true;
    return false;
}

static void on_message(void *arg, const struct moot_message *m)
{
    struct playing *p = arg;
    if (!is_shown(m))
        return;
    const char *inner = strchr(moot_message_conv(m), '/');
    if (inner != NULL)
        moot__buf_addf(&p->lines, "%s| ", inner + 1);
    add_line(&p->lines, m);
    moot__buf_adds(&p->lines, "\n");
}

/* How often a person has spoken in this journal: which of the answers is next. */
static size_t answered(struct play *play)
{
    return (size_t)(play_count(play, "\"kind\":\"answer\"") +
                    play_count(play, "\"kind\":\"approval\""));
}

static bool answer(void *arg, struct moot_host *h, struct play *play)
{
    struct playing *p = arg;
    const struct moot_json *text = moot__json_first(p->s->person);
    for (size_t i = answered(play); i > 0 && text != NULL; i--)
        text = moot__json_next(text);
    if (text == NULL)
        return false;
    const char *words = moot__json_text(text);
    bool consent = strcmp(play->open_from, "host") == 0;
    int status =
        moot__host_answer(h, play->open_conv, play->open_from, play->open_n, consent ? words : NULL,
                          consent ? NULL : words, NULL, &play->error);
    if (status != MOOT_OK)
        fail_msg("%s: %s: %s", p->s->file, p->s->name, play->error.message);
    return true;
}

static void items_of(struct play *play, const struct moot_json *input)
{
    struct moot_json *items = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_json *item =
        input != NULL ? moot__json_copy(input) : moot__json_new(MOOT_JSON_OBJECT);
    moot__json_set_text(item, "name", "one");
    assert_int_equal(moot__json_add(items, item), MOOT_OK);
    moot__json_free(play->items);
    play->items = items;
}

static void begin(struct play *play, struct playing *p, const struct scenario *s)
{
    char crew[1 << 16];
    const char *overlay = s->overlay != NULL ? s->overlay : "";
    assert_true(snprintf(crew, sizeof(crew), "%s%s",
                         s->overlay != NULL ? "extends: base.yaml\n" : "",
                         s->overlay != NULL ? overlay : s->crew) < (int)sizeof(crew));
    play_init(play, crew, "");
    play_file(play, "base.yaml", s->crew);
    play_file(play, "replies.yaml", s->replies != NULL ? s->replies : "replies: []\n");
    for (const struct moot_json *f = moot__json_first(s->files); f != NULL; f = moot__json_next(f))
        play_file(play, moot__json_key(f), moot__json_text(f));
    items_of(play, s->input);
    p->s = s;
    moot__buf_init(&p->lines, MOOT_MAX_JSON);
    play->arg = p;
    play->message = on_message;
    play->person = answer;
    play->has_person = true;
    play->real_world = s->real;
}

/* Whether the crew is refused, and with what words. */
static bool refused(struct playing *p, const struct play *play)
{
    char path[160];
    struct moot_json *resolved = NULL;
    char *base = NULL;
    struct moot_error err = {0};
    snprintf(path, sizeof(path), "%s/crew.yaml", play->dir);
    int status = moot__crew_load(path, NULL, &resolved, &base, &err);
    moot__json_free(resolved);
    free(base);
    if (status == MOOT_OK)
        return false;
    /* Behind it stands in what file, which is another each time. */
    const char *where = strstr(err.message, " (/");
    moot__buf_addf(&p->lines, "refused: %.*s\n",
                   where != NULL ? (int)(where - err.message) : (int)strlen(err.message),
                   err.message);
    return true;
}

/* Killed after so many commits, then taken up again. True: it had that many. */
static bool killed_equals(const struct scenario *s, int after, const char *whole)
{
    struct play play;
    struct playing p;
    begin(&play, &p, s);
    play.crash_after = after;
    play_run(&play, false);
    bool killed = play.state == MOOT_RUN_FAILED;
    if (killed) {
        play.crash_after = 0;
        play_run(&play, true);
        char *normal = play_normal(&play);
        if (strcmp(normal, whole) != 0) {
            fprintf(stderr, "%s\n--- not\n%s\n", normal, whole);
            fail_msg("%s: %s: killed after %d commits it went another way", s->file, s->name,
                     after);
        }
        free(normal);
    }
    moot__buf_release(&p.lines);
    play_release(&play);
    return killed;
}

/* ---- the real world ---- */

static void probed(void *arg, const struct moot_error *why)
{
    int *here = arg;
    *here = why == NULL;
    if (why != NULL)
        print_message("SKIPPED what runs programs: %s\n", why->message);
}

/* Whether programs can be run in a sandbox on this machine. */
static bool sandbox_is_here(void)
{
    static int here = -1;
    struct moot_world *w = NULL;
    struct moot_error err = {0};
    if (here >= 0)
        return here != 0;
    if (moot__world_real(&w, &err) != MOOT_OK)
        fail_msg("world: %s", err.message);
    if (moot__sandbox_probe(w, probed, &here, &err) != MOOT_OK)
        probed(&here, &err);
    while (here < 0)
        w->turn(w->self, -1);
    w->destroy(w->self);
    return here != 0;
}

void scenario_play(const struct scenario *s, int stride, char **out)
{
    struct play play;
    struct playing p;
    *out = NULL;
    if (s->real && !sandbox_is_here())
        return;
    begin(&play, &p, s);
    if (refused(&p, &play)) {
        play_release(&play);
        *out = moot__buf_take(&p.lines);
        assert_non_null(*out);
        return;
    }
    play_run(&play, false);
    char *normal = play_normal(&play);
    if (play.state == MOOT_RUN_WAITING)
        moot__buf_adds(&p.lines, "waits\n");
    play_release(&play);
    /* An act that was cut off is not simply done again: tests/sim/test_program.c. */
    for (int after = 1; stride > 0 && !s->real && killed_equals(s, after, normal); after += stride)
        continue;
    free(normal);
    *out = moot__buf_take(&p.lines);
    assert_non_null(*out);
}

/* ---- files ---- */

static void each_of(const char *file, const struct moot_json *tree,
                    void (*each)(void *arg, const struct scenario *s), void *arg)
{
    const struct moot_json *list = moot__json_get(tree, "scenarios");
    for (const struct moot_json *e = moot__json_first(list); e != NULL; e = moot__json_next(e)) {
        struct scenario s = {
            .file = file,
            .name = moot__json_get_text(e, "scenario", "?"),
            .rules = moot__json_get(e, "rules"),
            .crew = moot__json_get_text(e, "crew", moot__json_get_text(tree, "crew", "")),
            .overlay = moot__json_get_text(e, "overlay", NULL),
            .replies =
                moot__json_get_text(e, "replies", moot__json_get_text(tree, "replies", NULL)),
            .transcript = moot__json_get_text(e, "transcript", ""),
            .input = moot__json_get(e, "input"),
            .person = moot__json_get(e, "person"),
            .files = moot__json_get(e, "files"),
            .real = strcmp(moot__json_get_text(e, "real", ""), "true") == 0,
        };
        each(arg, &s);
    }
}

static int is_yaml(const struct dirent *e)
{
    const char *dot = strrchr(e->d_name, '.');
    return dot != NULL && strcmp(dot, ".yaml") == 0;
}

void scenario_each(const char *folder, void (*each)(void *arg, const struct scenario *s), void *arg)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, is_yaml, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        char path[1024];
        struct moot_yaml *yaml = NULL;
        struct moot_json *tree = NULL;
        struct moot_error err = {0};
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        assert_int_equal(moot__yaml_new(&yaml), MOOT_OK);
        if (moot__yaml_load(yaml, path, names[i]->d_name, &tree, &err) != MOOT_OK)
            fail_msg("%s:%d: %s", path, err.line, err.message);
        each_of(names[i]->d_name, tree, each, arg);
        moot__json_free(tree);
        moot__yaml_free(yaml);
        free(names[i]);
    }
    free(names);
}
