#include "runtime/script.h"

#include "runtime/model_error.h"
#include "runtime/yaml.h"

enum { SCRIPT_MISSES_MAX = 64 * 1024, SCRIPT_NEAREST = 3 };

struct moot_script {
    char *name; /* the file's, without its folders */
    struct moot_json *tree;
    struct moot_script_reply *replies;
    size_t count;
    struct moot_buf misses; /* lines */
};

/* A failure that is about one reply of the file. */
static int reply_fail(const struct moot_script *script, size_t number, struct moot_error *err,
                      const char *key, const char *problem)
{
    return moot__fail(err, MOOT_EINVAL, "%s: reply %zu: '%s' %s", script->name, number, key,
                      problem);
}

/* "400ms", "2s", "1.5s", "1m"; "0". The fraction has at most three digits. */
static bool duration_parse(const char *text, int64_t *ms)
{
    int64_t whole = 0, thousandths = 0, unit = 100;
    const char *c = text;
    size_t digits = strspn(c, "0123456789");
    if (digits == 0 || digits > 6)
        return false;
    for (; digits > 0; digits--)
        whole = whole * 10 + (*c++ - '0');
    if (*c == '.') {
        size_t places = strspn(++c, "0123456789");
        if (places == 0 || places > 3)
            return false;
        for (; places > 0; places--, unit /= 10)
            thousandths += unit * (*c++ - '0');
    }
    int64_t scale;
    if (strcmp(c, "ms") == 0)
        scale = 1;
    else if (strcmp(c, "s") == 0)
        scale = 1000;
    else if (strcmp(c, "m") == 0)
        scale = 60000;
    else if (*c == '\0' && whole == 0)
        scale = 0;
    else
        return false;
    *ms = whole * scale + thousandths * scale / 1000;
    return true;
}

static bool duration_get(const struct moot_json *j, int64_t *ms)
{
    const char *text = moot__json_text(j);
    if (text == NULL)
        text = moot__json_digits(j);
    return text != NULL && duration_parse(text, ms);
}

/* What an error is called in the file. */
static const struct {
    const char *word;
    int code;
    bool retryable;
} script_errors[] = {
    {"network", MOOT_ENETWORK, true},     {"timeout", MOOT_ETIMEOUT, true},
    {"protocol", MOOT_EPROTOCOL, true},   {"too_big", MOOT_ETOOBIG, false},
    {"cancelled", MOOT_ECANCELED, false},
};

/* An HTTP status and its words, taken as they would be from a provider over HTTP. */
static void error_of_http(int64_t status, struct moot_script_reply *r)
{
    struct moot_problem problem;
    moot__problem_read(r->error_text, strlen(r->error_text), (long)status, &problem);
    r->error = moot__problem_status(&problem);
    r->retryable = moot__problem_retryable(&problem);
    r->too_long = problem.kind == MOOT_PROBLEM_CONTEXT;
}

static void error_of_word(const char *word, struct moot_script_reply *r)
{
    for (size_t i = 0; i < MOOT_COUNT(script_errors); i++) {
        if (strcmp(word, script_errors[i].word) != 0)
            continue;
        r->error = script_errors[i].code;
        r->retryable = script_errors[i].retryable;
    }
}

static int read_error(struct moot_script *script, struct moot_script_reply *r,
                      const struct moot_json *j, struct moot_error *err)
{
    int64_t http = 0;
    r->error_text = "";
    for (const struct moot_json *m = moot__json_first(j); m != NULL; m = moot__json_next(m)) {
        const char *key = moot__json_key(m);
        if (strcmp(key, "status") == 0 && moot__json_int(m, &http) && http >= 400 && http < 600) {
            continue;
        } else if (strcmp(key, "status") == 0 && moot__json_text(m) != NULL) {
            error_of_word(moot__json_text(m), r);
        } else if (strcmp(key, "retry_after") == 0 && duration_get(m, &r->retry_after_ms)) {
            continue;
        } else if (strcmp(key, "message") == 0 && moot__json_text(m) != NULL) {
            r->error_text = moot__json_text(m);
        } else {
            return reply_fail(script, r->number, err, "error",
                              "has the members status, retry_after, message");
        }
    }
    if (http != 0)
        error_of_http(http, r);
    if (r->error == MOOT_OK)
        return reply_fail(script, r->number, err, "error",
                          "needs a status: 400 to 599, network, timeout, protocol, too_big");
    return MOOT_OK;
}

static int read_usage(struct moot_script *script, struct moot_script_reply *r,
                      const struct moot_json *j, struct moot_error *err)
{
    int64_t *const into[] = {&r->input_tokens, &r->cached_tokens, &r->output_tokens};
    static const char *const names[] = {"input", "cached", "output"};
    for (const struct moot_json *m = moot__json_first(j); m != NULL; m = moot__json_next(m)) {
        size_t i = 0;
        while (i < MOOT_COUNT(names) && strcmp(moot__json_key(m), names[i]) != 0)
            i++;
        if (i == MOOT_COUNT(names) || !moot__json_int(m, into[i]) || *into[i] < 0)
            return reply_fail(script, r->number, err, "usage",
                              "has the members input, cached, output: tokens");
    }
    return MOOT_OK;
}

static int read_calls(struct moot_script *script, struct moot_script_reply *r,
                      const struct moot_json *j, struct moot_error *err)
{
    size_t count = moot__json_count(j);
    if (!moot__json_is(j, MOOT_JSON_ARRAY) || count == 0 || count > MOOT_MAX_TOOL_CALLS)
        return reply_fail(script, r->number, err, "calls", "is a list of {name, arguments}");
    for (const struct moot_json *c = moot__json_first(j); c != NULL; c = moot__json_next(c)) {
        if (moot__json_get_text(c, "name", NULL) == NULL)
            return reply_fail(script, r->number, err, "calls", "is a list of {name, arguments}");
        for (const struct moot_json *m = moot__json_first(c); m != NULL; m = moot__json_next(m)) {
            if (strcmp(moot__json_key(m), "name") != 0 &&
                strcmp(moot__json_key(m), "arguments") != 0)
                return reply_fail(script, r->number, err, "calls",
                                  "is a list of {name, arguments}");
        }
    }
    r->calls = j;
    return MOOT_OK;
}

static int read_reply_text(struct moot_script *script, struct moot_script_reply *r,
                           const struct moot_json *j, struct moot_error *err)
{
    r->reply = moot__json_text(j);
    if (r->reply == NULL && moot__json_digits(j) != NULL)
        r->reply = moot__json_digits(j);
    if (r->reply != NULL)
        return MOOT_OK;
    if (moot__json_count(j) == 0)
        return reply_fail(script, r->number, err, "reply", "is a text, or a map that becomes JSON");
    r->is_json = true;
    r->reply = r->owned = moot__json_string(j);
    return r->owned != NULL ? MOOT_OK : moot__fail(err, MOOT_ENOMEM, "out of memory");
}

/* The keys that say which request a reply is for. Returns 1 if `key` is none of them. */
static int read_match(struct moot_script *script, struct moot_script_reply *r, const char *key,
                      const struct moot_json *j, struct moot_error *err)
{
    static const char *const texts[] = {"agent", "task", "item", "text"};
    const char **const into[] = {&r->agent, &r->task, &r->item, &r->text};
    for (size_t i = 0; i < MOOT_COUNT(texts); i++) {
        if (strcmp(key, texts[i]) != 0)
            continue;
        /* An item may be called 3, which YAML takes for a number. */
        *into[i] = moot__json_text(j) != NULL ? moot__json_text(j) : moot__json_digits(j);
        return *into[i] != NULL ? MOOT_OK : reply_fail(script, r->number, err, key, "is a text");
    }
    if (strcmp(key, "attempt") != 0 && strcmp(key, "step") != 0)
        return 1;
    int64_t *count = *key == 'a' ? &r->attempt : &r->step;
    if (!moot__json_int(j, count) || *count < 1)
        return reply_fail(script, r->number, err, key, "is a count, from 1");
    return MOOT_OK;
}

static int read_key(struct moot_script *script, struct moot_script_reply *r, const char *key,
                    const struct moot_json *j, struct moot_error *err)
{
    int status = read_match(script, r, key, j, err);
    if (status <= 0)
        return status;
    if (strcmp(key, "reply") == 0)
        return read_reply_text(script, r, j, err);
    if (strcmp(key, "calls") == 0)
        return read_calls(script, r, j, err);
    if (strcmp(key, "error") == 0)
        return read_error(script, r, j, err);
    if (strcmp(key, "usage") == 0)
        return read_usage(script, r, j, err);
    if (strcmp(key, "pace") == 0)
        return duration_get(j, &r->pace_ms)
                   ? MOOT_OK
                   : reply_fail(script, r->number, err, key, "is a duration, as 400ms or 2s");
    if (strcmp(key, "finish") == 0) {
        r->finish = moot__json_text(j);
        return r->finish != NULL ? MOOT_OK : reply_fail(script, r->number, err, key, "is a text");
    }
    if (strcmp(key, "repeat") == 0 && moot__json_is(j, MOOT_JSON_BOOL)) {
        r->repeat = moot__json_true(j);
        return MOOT_OK;
    }
    return reply_fail(script, r->number, err, key,
                      "is no key here: agent, task, item, attempt, step, text, reply, calls, "
                      "error, pace, finish, usage, repeat");
}

static int read_reply(struct moot_script *script, size_t i, const struct moot_json *j,
                      int64_t pace_ms, struct moot_error *err)
{
    struct moot_script_reply *r = &script->replies[i];
    *r = (struct moot_script_reply){.number = i + 1,
                                    .pace_ms = pace_ms,
                                    .retry_after_ms = -1,
                                    .input_tokens = -1,
                                    .cached_tokens = -1,
                                    .output_tokens = -1};
    script->count = i + 1; /* what is read so far is what is freed */
    if (!moot__json_is(j, MOOT_JSON_OBJECT))
        return moot__fail(err, MOOT_EINVAL, "%s: reply %zu is no map", script->name, r->number);
    for (const struct moot_json *m = moot__json_first(j); m != NULL; m = moot__json_next(m)) {
        int status = read_key(script, r, moot__json_key(m), m, err);
        if (status != MOOT_OK)
            return status;
    }
    if (r->reply == NULL && r->calls == NULL && r->error == MOOT_OK)
        return moot__fail(err, MOOT_EINVAL, "%s: reply %zu has no reply, calls or error",
                          script->name, r->number);
    return MOOT_OK;
}

/* The file is a list of replies, or a map of {pace, replies}. */
static int read_file(struct moot_script *script, struct moot_error *err)
{
    const struct moot_json *list = script->tree;
    int64_t pace_ms = 0;
    if (moot__json_is(script->tree, MOOT_JSON_OBJECT)) {
        const struct moot_json *m = moot__json_first(script->tree);
        for (list = NULL; m != NULL; m = moot__json_next(m)) {
            if (strcmp(moot__json_key(m), "replies") == 0)
                list = m;
            else if (strcmp(moot__json_key(m), "pace") != 0 || !duration_get(m, &pace_ms))
                return moot__fail(err, MOOT_EINVAL,
                                  "%s: the keys are pace (a duration, as 400ms) and replies",
                                  script->name);
        }
    }
    if (!moot__json_is(list, MOOT_JSON_ARRAY) || moot__json_count(list) == 0)
        return moot__fail(err, MOOT_EINVAL, "%s: no list of replies", script->name);
    script->replies = calloc(moot__json_count(list), sizeof(*script->replies));
    if (script->replies == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    size_t i = 0;
    for (const struct moot_json *m = moot__json_first(list); m != NULL; m = moot__json_next(m)) {
        int status = read_reply(script, i++, m, pace_ms, err);
        if (status != MOOT_OK)
            return status;
    }
    return MOOT_OK;
}

int moot__script_load(const char *path, struct moot_script **out, struct moot_error *err)
{
    struct moot_script *script = calloc(1, sizeof(*script));
    if (script == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    moot__buf_init(&script->misses, SCRIPT_MISSES_MAX);
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    script->name = moot__copy(name, strlen(name));
    int status = script->name == NULL ? moot__fail(err, MOOT_ENOMEM, "out of memory")
                                      : moot__yaml_load_plain(path, &script->tree, err);
    if (status == MOOT_OK)
        status = read_file(script, err);
    if (status != MOOT_OK) {
        moot__script_free(script);
        return status;
    }
    *out = script;
    return MOOT_OK;
}

void moot__script_free(struct moot_script *script)
{
    if (script == NULL)
        return;
    for (size_t i = 0; i < script->count; i++)
        free(script->replies[i].owned);
    free(script->replies);
    moot__json_free(script->tree);
    moot__buf_release(&script->misses);
    free(script->name);
    free(script);
}

static bool fits_text(const char *wanted, const char *there)
{
    return wanted == NULL || (there != NULL && strcmp(wanted, there) == 0);
}

/* Says in `why` what keeps a reply from fitting, "" when nothing does; returns how many of its
 * conditions hold. */
static int fit(const struct moot_script_reply *r, const struct moot_call_place *place,
               const char *said, const char **why)
{
    const struct {
        const char *name;
        bool asked, holds;
    } conditions[] = {
        {"agent", r->agent != NULL, fits_text(r->agent, place->agent)},
        {"item", r->item != NULL, fits_text(r->item, place->item)},
        {"task", r->task != NULL, fits_text(r->task, place->task)},
        {"attempt", r->attempt != 0, r->attempt == 0 || r->attempt == place->attempt},
        {"step", r->step != 0, r->step == 0 || r->step == place->step},
        {"text", r->text != NULL,
         r->text == NULL || (said != NULL && strstr(said, r->text) != NULL)},
        {"used", true, !r->used || r->repeat},
    };
    int held = 0;
    *why = "";
    for (size_t i = 0; i < MOOT_COUNT(conditions); i++) {
        if (!conditions[i].holds)
            *why = conditions[i].name;
        else if (conditions[i].asked)
            held++;
    }
    return held;
}

/* A reply as reports name it: its number and what it is for. */
static void describe(const struct moot_script_reply *r, struct moot_buf *out)
{
    moot__buf_addf(out, "reply %zu", r->number);
    const char *const names[] = {"agent", "task", "item"};
    const char *const texts[] = {r->agent, r->task, r->item};
    const char *separator = " (";
    for (size_t i = 0; i < MOOT_COUNT(names); i++) {
        if (texts[i] == NULL)
            continue;
        moot__buf_addf(out, "%s%s %s", separator, names[i], texts[i]);
        separator = ", ";
    }
    const char *const counted[] = {"attempt", "step"};
    const int64_t counts[] = {r->attempt, r->step};
    for (size_t i = 0; i < MOOT_COUNT(counted); i++) {
        if (counts[i] == 0)
            continue;
        moot__buf_addf(out, "%s%s %lld", separator, counted[i], (long long)counts[i]);
        separator = ", ";
    }
    if (*separator == ',')
        moot__buf_addc(out, ')');
}

/* The replies that come closest, each with what keeps it from fitting. */
static void nearest(const struct moot_script *script, const struct moot_call_place *place,
                    const char *said, struct moot_buf *out)
{
    size_t best[SCRIPT_NEAREST];
    int held[SCRIPT_NEAREST];
    size_t count = 0;
    for (size_t i = 0; i < script->count; i++) {
        const char *why;
        int h = fit(&script->replies[i], place, said, &why);
        size_t at = count;
        while (at > 0 && held[at - 1] < h)
            at--;
        if (at == SCRIPT_NEAREST)
            continue;
        if (count < SCRIPT_NEAREST)
            count++;
        for (size_t k = count - 1; k > at; k--) {
            best[k] = best[k - 1];
            held[k] = held[k - 1];
        }
        best[at] = i;
        held[at] = h;
    }
    for (size_t i = 0; i < count; i++) {
        const char *why;
        fit(&script->replies[best[i]], place, said, &why);
        moot__buf_adds(out, i == 0 ? "nearest: " : "; ");
        describe(&script->replies[best[i]], out);
        if (strcmp(why, "used") == 0)
            moot__buf_adds(out, ", which is used up");
        else
            moot__buf_addf(out, ", whose %s is another", why);
    }
}

static int not_found(struct moot_script *script, const struct moot_call_place *place,
                     const char *said, struct moot_error *err)
{
    struct moot_buf where, near;
    moot__buf_init(&where, SCRIPT_MISSES_MAX);
    moot__buf_init(&near, SCRIPT_MISSES_MAX);
    moot__buf_addf(&where, "no reply for agent %s", place->agent);
    if (place->task != NULL)
        moot__buf_addf(&where, ", task %s", place->task);
    if (place->item != NULL)
        moot__buf_addf(&where, ", item %s", place->item);
    moot__buf_addf(&where, ", attempt %d, step %d", place->attempt, place->step);
    nearest(script, place, said, &near);
    moot__fail(err, MOOT_ENOTFOUND, "%s has %s", script->name, moot__buf_text(&where));
    moot__fail_hint(err, "%s", moot__buf_text(&near));
    moot__buf_addf(&script->misses, "%s has %s\n", script->name, moot__buf_text(&where));
    moot__buf_release(&where);
    moot__buf_release(&near);
    return MOOT_ENOTFOUND;
}

int moot__script_find(struct moot_script *script, const struct moot_call_place *place,
                      const char *said, const struct moot_script_reply **out,
                      struct moot_error *err)
{
    for (size_t i = 0; i < script->count; i++) {
        struct moot_script_reply *r = &script->replies[i];
        const char *why;
        fit(r, place, said, &why);
        if (*why == '\0') {
            r->used = true;
            *out = r;
            return MOOT_OK;
        }
    }
    return not_found(script, place, said, err);
}

void moot__script_spend(struct moot_script *script, size_t number)
{
    for (size_t i = 0; i < script->count; i++)
        if (script->replies[i].number == number)
            script->replies[i].used = true;
}

static void add_value(struct moot_buf *out, const char *value, bool is_json)
{
    if (!is_json) {
        moot__buf_adds(out, value);
        return;
    }
    /* Inside a JSON text the value stands within a string: escaped, without quotes of its own. */
    struct moot_buf quoted;
    moot__buf_init(&quoted, MOOT_MAX_REPLY);
    if (moot__buf_add_json(&quoted, value, strlen(value)) == MOOT_OK)
        moot__buf_add(out, quoted.data + 1, quoted.len - 2);
    moot__buf_release(&quoted);
}

int moot__script_fill(const struct moot_script_reply *reply, const struct moot_call_place *place,
                      struct moot_buf *out)
{
    char attempt[16];
    snprintf(attempt, sizeof(attempt), "%d", place->attempt);
    const char *const names[] = {"{item}", "{attempt}", "{task}"};
    const char *const values[] = {place->item, attempt, place->task};
    const char *c = reply->reply != NULL ? reply->reply : "";
    while (*c != '\0') {
        size_t plain = strcspn(c, "{\\");
        moot__buf_add(out, c, plain);
        c += plain;
        if (*c == '\0')
            break;
        bool escaped = *c == '\\';
        size_t i = 0;
        while (i < MOOT_COUNT(names) && strncmp(c + escaped, names[i], strlen(names[i])) != 0)
            i++;
        if (i == MOOT_COUNT(names)) {
            moot__buf_addc(out, *c++); /* a brace of JSON, a backslash of its own */
        } else if (escaped) {
            moot__buf_adds(out, names[i]);
            c += 1 + strlen(names[i]);
        } else {
            add_value(out, values[i] != NULL ? values[i] : "", reply->is_json);
            c += strlen(names[i]);
        }
    }
    return out->status;
}

int moot__script_report(const struct moot_script *script, struct moot_buf *out)
{
    for (size_t i = 0; i < script->count; i++) {
        if (script->replies[i].used)
            continue;
        moot__buf_addf(out, "%s: ", script->name);
        describe(&script->replies[i], out);
        moot__buf_adds(out, " was never used\n");
    }
    moot__buf_adds(out, moot__buf_text((struct moot_buf *)&script->misses));
    return out->status;
}
