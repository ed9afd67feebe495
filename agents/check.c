/* The checks that wait: a file, a command, a judge, a person. */
#include "agents/check.h"

#include "agents/output.h"
#include "agents/prompt.h"
#include "agents/verdict.h"
#include "runtime/scope.h"

void moot__checking_release(struct moot_checking *k)
{
    free(k->judge_path);
    moot__json_free(k->verdict);
    moot__json_free(k->problems);
    free(k->status);
    free(k->detail);
    moot__json_free(k->mended);
    memset(k, 0, sizeof(*k));
}

static int end_failed(struct moot_checking *k, const char *status, const char *detail,
                      enum moot_check_end *end)
{
    k->status = moot__copy(status, strlen(status));
    k->detail = moot__copy(detail, strlen(detail));
    *end = MOOT_CHECK_FAILED;
    return k->status == NULL || k->detail == NULL ? MOOT_ENOMEM : MOOT_OK;
}

static int reject(struct moot_checking *k, const char *what, enum moot_check_end *end)
{
    *end = MOOT_CHECK_REJECTED;
    return moot__verdict_add(k->problems, what, NULL, NULL);
}

/* ---- asking ---- */

static int ask_tool(struct moot_me *me, struct moot_checking *k, const char *tool,
                    struct moot_json *args)
{
    char *text = args == NULL ? NULL : moot__json_string(args);
    moot__json_free(args);
    if (text == NULL)
        return MOOT_ENOMEM;
    k->n = moot__call(me, tool, text);
    free(text);
    return me->fx->status;
}

static int ask_file(struct moot_me *me, const struct moot_checked *c, struct moot_checking *k,
                    const struct moot_check_def *check, struct moot_error *err)
{
    struct moot_buf path;
    moot__buf_init(&path, MOOT_MAX_BODY);
    int rc = moot__template_fill(check->file, c->scope, &path, err);
    struct moot_json *args = rc == MOOT_OK ? moot__json_new(MOOT_JSON_OBJECT) : NULL;
    if (rc == MOOT_OK)
        rc = args == NULL ? MOOT_ENOMEM : moot__json_set_text(args, "path", moot__buf_text(&path));
    moot__buf_release(&path);
    if (rc == MOOT_OK)
        return ask_tool(me, k, "check_file", args);
    moot__json_free(args);
    return rc;
}

/* The words of the command with their placeholders filled in; the first is the crew file's alone.
 */
static int add_words(const struct moot_checked *c, const struct moot_check_def *check,
                     struct moot_json *words, struct moot_error *err)
{
    int rc = MOOT_OK;
    for (size_t i = 0; rc == MOOT_OK && check->command[i] != NULL; i++) {
        struct moot_buf word;
        moot__buf_init(&word, MOOT_MAX_BODY);
        rc = i == 0 ? moot__buf_adds(&word, check->command[0])
                    : moot__template_expand(check->command[i], c->scope, &word, err);
        if (rc == MOOT_OK)
            rc = moot__json_add(words, moot__json_new_text(moot__buf_text(&word)));
        moot__buf_release(&word);
    }
    return rc;
}

static int ask_command(struct moot_me *me, const struct moot_checked *c, struct moot_checking *k,
                       const struct moot_check_def *check, struct moot_error *err)
{
    struct moot_json *args = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *words = moot__json_new(MOOT_JSON_ARRAY);
    char *input = moot__json_string(c->result);
    int rc = args == NULL || words == NULL || input == NULL ? MOOT_ENOMEM : MOOT_OK;
    if (rc == MOOT_OK)
        rc = add_words(c, check, words, err);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(args, "input", input);
    free(input);
    if (rc != MOOT_OK) {
        moot__json_free(words);
        moot__json_free(args);
        return rc;
    }
    if (moot__json_set(args, "command", words) != MOOT_OK) {
        moot__json_free(args);
        return MOOT_ENOMEM;
    }
    return ask_tool(me, k, "check_command", args);
}

/* What a judge sees beside the result: what `sees` names, else what the author was shown. */
static int add_seen(const struct moot_checked *c, const struct moot_check_def *check,
                    struct moot_json *input, struct moot_error *err)
{
    if (check->sees == NULL) {
        struct moot_buf text;
        moot__buf_init(&text, MOOT_MAX_BODY);
        int rc = moot__prompt_seen(c->task, c->scope, &text, err);
        if (rc == MOOT_OK)
            rc = moot__json_set_text(input, "prompt", moot__buf_text(&text));
        moot__buf_release(&text);
        return rc;
    }
    struct moot_json *seen = moot__json_new(MOOT_JSON_OBJECT);
    int rc = seen == NULL ? MOOT_ENOMEM : MOOT_OK;
    for (size_t i = 0; rc == MOOT_OK && check->sees[i] != NULL; i++) {
        const struct moot_json *value = NULL;
        struct moot_json *made = NULL;
        rc = moot__scope_get(c->scope, check->sees[i], &value, &made);
        if (rc == MOOT_OK && value != NULL)
            rc = moot__json_set(seen, check->sees[i], moot__json_copy(value));
        moot__json_free(made);
    }
    if (rc == MOOT_OK)
        return moot__json_set(input, "seen", seen);
    moot__json_free(seen);
    return rc;
}

static struct moot_json *text_list(char *const *texts)
{
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    for (size_t i = 0; list != NULL && texts != NULL && texts[i] != NULL; i++) {
        if (moot__json_add(list, moot__json_new_text(texts[i])) != MOOT_OK) {
            moot__json_free(list);
            return NULL;
        }
    }
    return list;
}

static int ask_judge(struct moot_me *me, const struct moot_checked *c, struct moot_checking *k,
                     const struct moot_check_def *check, struct moot_error *err)
{
    struct moot_json *input = moot__json_new(MOOT_JSON_OBJECT);
    int rc = input == NULL ? MOOT_ENOMEM : moot__json_set_text(input, "task", c->task->id);
    if (rc == MOOT_OK && c->task->expected_output != NULL)
        rc = moot__json_set_text(input, "expected_output", c->task->expected_output);
    if (rc == MOOT_OK)
        rc = moot__json_set(input, "criteria", text_list(check->criteria));
    if (rc == MOOT_OK)
        rc = moot__json_set(input, "result", moot__json_copy(c->result));
    if (rc == MOOT_OK)
        rc = add_seen(c, check, input, err);
    char path[MOOT_MAX_PATH_CONV];
    char name[24];
    snprintf(name, sizeof(name), "judge%d", ++k->judges);
    int len = snprintf(path, sizeof(path), "%s/%s", me->conv, name);
    if (rc == MOOT_OK && (size_t)len >= sizeof(path))
        rc = moot__fail(err, MOOT_ETOOBIG, "the conversation's path is too long");
    k->judge_path = rc == MOOT_OK ? moot__copy(path, (size_t)len) : NULL;
    if (rc != MOOT_OK || k->judge_path == NULL) {
        moot__json_free(input);
        return rc != MOOT_OK ? rc : MOOT_ENOMEM;
    }
    moot__open(me, name, check->judge, NULL, input, NULL);
    return me->fx->status;
}

static int ask_person(struct moot_me *me, const struct moot_checked *c, struct moot_checking *k,
                      char *const *people)
{
    static char *const choices[] = {"approve", "reject", NULL};
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    struct moot_json *about = moot__json_new(MOOT_JSON_OBJECT);
    char *json = moot__json_string(c->result);
    int rc = body == NULL || about == NULL || json == NULL ? MOOT_ENOMEM : MOOT_OK;
    char text[160];
    snprintf(text, sizeof(text), "Is this result of %.100s good?", c->task->id);
    const char *plain = moot__json_text(c->result);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(about, "task", c->task->id);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(about, plain != NULL ? "text" : "json",
                                 plain != NULL ? plain : json);
    if (rc == MOOT_OK)
        rc = moot__json_set_text(body, "text", text);
    if (rc == MOOT_OK)
        rc = moot__json_set(body, "choices", text_list(choices));
    free(json);
    if (rc != MOOT_OK || moot__json_set(body, "about", moot__json_copy(about)) != MOOT_OK) {
        moot__json_free(about);
        moot__json_free(body);
        return MOOT_ENOMEM;
    }
    moot__json_free(about);
    k->n = moot__ask(me, people, body);
    return me->fx->status;
}

/* Begins the check at k->at; true in *out when there is one to wait for. */
static int begin_one(struct moot_me *me, const struct moot_checked *c, struct moot_checking *k,
                     bool *out, struct moot_error *err)
{
    *out = true;
    if (k->at == c->task->check_count && c->task->review)
        return ask_person(me, c, k, c->task->reviewers);
    const struct moot_check_def *check = &c->task->checks[k->at];
    switch (check->kind) {
    case MOOT_CHECK_FILE:
        return ask_file(me, c, k, check, err);
    case MOOT_CHECK_COMMAND:
        return ask_command(me, c, k, check, err);
    case MOOT_CHECK_JUDGE:
        return ask_judge(me, c, k, check, err);
    case MOOT_CHECK_PERSON:
        return ask_person(me, c, k, check->people);
    case MOOT_CHECK_THAT:
    case MOOT_CHECK_PATTERN:
    case MOOT_CHECK_NONE:
    case MOOT_CHECK_LENGTH:
        break;
    }
    *out = false;
    return MOOT_OK;
}

/* Goes on at k->at, up to the next one that has to be waited for. */
static int go_on(struct moot_me *me, const struct moot_checked *c, struct moot_checking *k,
                 enum moot_check_end *end)
{
    struct moot_error err = {0};
    size_t count = c->task->check_count + (c->task->review ? 1 : 0);
    bool out = false;
    *end = MOOT_CHECK_GOING;
    for (; k->at < count; k->at++) {
        int rc = begin_one(me, c, k, &out, &err);
        if (rc == MOOT_ENOMEM)
            return rc;
        if (rc != MOOT_OK)
            return end_failed(k, "error", err.message, end);
        if (out)
            return MOOT_OK;
    }
    *end = MOOT_CHECK_PASSED;
    return MOOT_OK;
}

int moot__checking_begin(struct moot_me *me, const struct moot_checked *c, struct moot_checking *k,
                         enum moot_check_end *end)
{
    memset(k, 0, sizeof(*k));
    k->problems = moot__json_new(MOOT_JSON_ARRAY);
    return k->problems == NULL ? MOOT_ENOMEM : go_on(me, c, k, end);
}

/* ---- outcomes ---- */

static int on_tool(struct moot_checking *k, const struct moot_check_def *check,
                   const struct moot_json *body, enum moot_check_end *end)
{
    const char *status = moot__json_get_text(body, "status", "error");
    const char *output = moot__json_get_text(body, "output", "");
    if (strcmp(status, "ok") == 0)
        return MOOT_OK;
    if (strcmp(status, "error") != 0 && strcmp(status, "timeout") != 0) {
        struct moot_buf detail;
        moot__buf_init(&detail, MOOT_MAX_BODY);
        moot__buf_addf(&detail, "a check could not be made (%.30s): %s", status, output);
        int rc = detail.status != MOOT_OK ? detail.status
                                          : end_failed(k, status, moot__buf_text(&detail), end);
        moot__buf_release(&detail);
        return rc;
    }
    if (output[strspn(output, " \t\r\n")] != '\0')
        return reject(k, output, end);
    const char *what = check->source != NULL ? check->source : "a check";
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    moot__buf_addf(&words, "%s did not pass", what);
    int rc = words.status != MOOT_OK ? words.status : reject(k, moot__buf_text(&words), end);
    moot__buf_release(&words);
    return rc;
}

static int no_verdict(struct moot_checking *k, const struct moot_json *body,
                      enum moot_check_end *end)
{
    const char *stop = moot__json_get_text(body, "stop", "failed");
    const char *detail = moot__json_get_text(body, "detail", "its answer is no verdict");
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    moot__buf_addf(&words, "the judge gave no verdict: %s", detail);
    const char *status = strcmp(stop, "limit") == 0     ? "limit"
                         : strcmp(stop, "stopped") == 0 ? "cancelled"
                                                        : "error";
    int rc =
        words.status != MOOT_OK ? words.status : end_failed(k, status, moot__buf_text(&words), end);
    moot__buf_release(&words);
    return rc;
}

static int on_judge(struct moot_checking *k, const struct moot_json *body, enum moot_check_end *end)
{
    free(k->judge_path);
    k->judge_path = NULL;
    const char *text = moot__json_get_text(moot__json_get(body, "result"), "json", "");
    struct moot_json *said = NULL;
    struct moot_json *verdict = NULL;
    int rc = moot__json_parse(text, strlen(text), &said, NULL);
    if (rc == MOOT_OK)
        rc = moot__verdict_read(said, NULL, &verdict);
    moot__json_free(said);
    if (rc == MOOT_ENOMEM)
        return rc;
    if (rc != MOOT_OK || strcmp(moot__json_get_text(body, "outcome", ""), "done") != 0) {
        moot__json_free(verdict);
        return no_verdict(k, body, end);
    }
    moot__json_free(k->verdict);
    k->verdict = verdict;
    if (moot__json_get_bool(verdict, "passed", false))
        return MOOT_OK;
    *end = MOOT_CHECK_REJECTED;
    const struct moot_json *problems = moot__json_get(verdict, "problems");
    for (const struct moot_json *p = moot__json_first(problems); p != NULL && rc == MOOT_OK;
         p = moot__json_next(p))
        rc = moot__json_add(k->problems, moot__json_copy(p));
    return rc;
}

enum moot_decision moot__decision(const struct moot_json *answer)
{
    static const char *const yes[] = {"approve", "approved", "passed", "pass", "accept", "yes"};
    static const char *const no[] = {"reject", "rejected", "failed", "fail", "no"};
    if (strcmp(moot__json_get_text(answer, "status", ""), "ok") != 0)
        return MOOT_DECISION_REJECT;
    const char *word = moot__json_get_text(answer, "decision", NULL);
    if (word == NULL)
        word = moot__json_get_text(answer, "text", "");
    for (size_t i = 0; i < MOOT_COUNT(yes); i++)
        if (strcmp(word, yes[i]) == 0)
            return MOOT_DECISION_ACCEPT;
    for (size_t i = 0; i < MOOT_COUNT(no); i++)
        if (strcmp(word, no[i]) == 0)
            return MOOT_DECISION_REJECT;
    return MOOT_DECISION_NONE;
}

int moot__mended(const struct moot_output_def *o, const struct moot_json *answer,
                 struct moot_json **out, struct moot_buf *problems)
{
    const struct moot_json *given = moot__json_get(answer, "result");
    const char *json = moot__json_get_text(given, "json", NULL);
    const char *text = moot__json_get_text(given, "text", NULL);
    *out = NULL;
    if (text != NULL && !o->given) {
        *out = moot__json_new_text(text);
        return *out == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    if (json == NULL) {
        json = moot__json_get_text(answer, "text", "");
        if (!o->given || (json[0] != '{' && json[0] != '['))
            return MOOT_OK;
    }
    struct moot_error err = {0};
    int rc = moot__json_parse(json, strlen(json), out, &err);
    if (rc != MOOT_OK) {
        moot__buf_addf(problems, "- %s\n", err.message);
        return rc == MOOT_ENOMEM || problems->status == MOOT_ENOMEM ? MOOT_ENOMEM : MOOT_EINVAL;
    }
    rc = moot__output_check(o, *out, problems);
    if (rc == MOOT_OK)
        return MOOT_OK;
    moot__json_free(*out);
    *out = NULL;
    return rc == MOOT_ENOMEM ? rc : MOOT_EINVAL;
}

static int on_answer(const struct moot_checked *c, struct moot_checking *k,
                     const struct moot_json *body, enum moot_check_end *end)
{
    const char *status = moot__json_get_text(body, "status", "error");
    if (strcmp(status, "ok") != 0) {
        bool expired = strcmp(status, "expired") == 0;
        return end_failed(k, expired ? "timeout" : "cancelled",
                          expired ? "nobody judged the result in time"
                                  : "the question about the result was withdrawn",
                          end);
    }
    struct moot_buf problems;
    moot__buf_init(&problems, MOOT_MAX_BODY);
    struct moot_json *mended = NULL;
    int rc = moot__mended(&c->task->output, body, &mended, &problems);
    enum moot_decision decision = moot__decision(body);
    if (rc == MOOT_EINVAL)
        rc = reject(k, moot__buf_text(&problems), end);
    else if (rc == MOOT_OK && mended != NULL) {
        moot__json_free(k->mended);
        k->mended = mended;
    } else if (rc == MOOT_OK && decision != MOOT_DECISION_ACCEPT) {
        const char *text = moot__json_get_text(body, "text", "");
        bool plain = text[0] == '\0' || strcmp(text, "reject") == 0;
        rc = reject(k, plain ? "a person rejected it" : text, end);
    }
    moot__buf_release(&problems);
    return rc;
}

int moot__checking_receive(struct moot_me *me, const struct moot_checked *c,
                           struct moot_checking *k, const struct moot_message *m,
                           enum moot_check_end *end)
{
    const struct moot_json *body = moot_message_json(m);
    enum moot_kind kind = moot_message_kind(m);
    *end = MOOT_CHECK_GOING;
    int rc = MOOT_OK;
    if (kind == MOOT_TOOL_RESULT && moot__answers(me, m, k->n) && k->at < c->task->check_count)
        rc = on_tool(k, &c->task->checks[k->at], body, end);
    else if (kind == MOOT_ANSWER && moot__answers(me, m, k->n))
        rc = on_answer(c, k, body, end);
    else if (kind == MOOT_END && k->judge_path != NULL && moot__ends(m, k->judge_path))
        rc = on_judge(k, body, end);
    else
        return MOOT_OK;
    k->n = 0;
    if (rc != MOOT_OK || *end != MOOT_CHECK_GOING)
        return rc;
    k->at++;
    struct moot_checked now = *c;
    if (k->mended != NULL)
        now.result = k->mended;
    return go_on(me, &now, k, end);
}

void moot__checking_digest(const struct moot_checking *k, const struct moot_digest *d)
{
    moot__digest_int(d, (int64_t)k->at);
    moot__digest_int(d, k->n);
    moot__digest_int(d, k->judges);
    moot__digest_text(d, k->judge_path);
    moot__digest_json(d, k->verdict);
    moot__digest_json(d, k->problems);
    moot__digest_json(d, k->mended);
}
