#include "roles/speakers.h"

#include "runtime/hash.h"

/* ---- settings ---- */

static bool method_of(const char *word, enum moot_next_speaker *out)
{
    static const char *const words[] = {
        [MOOT_SPEAKER_AUTO] = "auto",
        [MOOT_SPEAKER_ROUND_ROBIN] = "round_robin",
        [MOOT_SPEAKER_RANDOM] = "random",
        [MOOT_SPEAKER_MANUAL] = "manual",
    };
    for (size_t i = 0; word != NULL && i < MOOT_COUNT(words); i++)
        if (strcmp(words[i], word) == 0) {
            *out = (enum moot_next_speaker)i;
            return true;
        }
    return false;
}

static int build_rule(const struct moot_json *in, struct moot_speaker_rule *rule,
                      struct moot_error *err)
{
    const char *when = moot__json_get_text(in, "when", NULL);
    const char *to = moot__json_get_text(in, "to", NULL);
    if (when == NULL || to == NULL)
        return moot__fail(err, MOOT_EINVAL, "next_speaker: a rule has 'when' and 'to'");
    rule->source = strdup(when);
    rule->to = strdup(to);
    if (rule->source == NULL || rule->to == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    return moot__expr_parse(when, strlen(when), &rule->when, err);
}

/* [{when, to}, …, word]: the word is what is done when no rule holds. */
static int build_rules(const struct moot_json *list, struct moot_speakers_def *def,
                       struct moot_error *err)
{
    def->method = MOOT_SPEAKER_RULES;
    def->otherwise = def->fallback;
    def->rules = calloc(moot__json_count(list) + 1, sizeof(*def->rules));
    if (def->rules == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    for (const struct moot_json *m = moot__json_first(list); m != NULL; m = moot__json_next(m)) {
        if (moot__json_is(m, MOOT_JSON_OBJECT)) {
            int status = build_rule(m, &def->rules[def->rule_count++], err);
            if (status != MOOT_OK)
                return status;
        } else if (moot__json_next(m) != NULL || !method_of(moot__json_text(m), &def->otherwise)) {
            return moot__fail(err, MOOT_EINVAL,
                              "next_speaker: a list holds rules, and a method at its end");
        }
    }
    return MOOT_OK;
}

static int build_transition(const struct moot_json *in, struct moot_transition *t)
{
    size_t count = 0;
    t->from = strdup(moot__json_key(in));
    t->to = calloc(moot__json_count(in) + 1, sizeof(*t->to));
    if (t->from == NULL || t->to == NULL)
        return MOOT_ENOMEM;
    for (const struct moot_json *m = moot__json_first(in); m != NULL; m = moot__json_next(m)) {
        const char *id = moot__json_text(m);
        if (id == NULL)
            continue;
        t->to[count] = strdup(id);
        if (t->to[count++] == NULL)
            return MOOT_ENOMEM;
    }
    return MOOT_OK;
}

static int build_transitions(const struct moot_json *in, struct moot_transition **out,
                             size_t *count, struct moot_error *err)
{
    if (in == NULL)
        return MOOT_OK;
    *out = calloc(moot__json_count(in) + 1, sizeof(**out));
    int status = *out != NULL && moot__json_is(in, MOOT_JSON_OBJECT) ? MOOT_OK : MOOT_ENOMEM;
    for (const struct moot_json *m = moot__json_first(in); m != NULL && status == MOOT_OK;
         m = moot__json_next(m))
        status = build_transition(m, &(*out)[(*count)++]);
    return status == MOOT_OK ? MOOT_OK : moot__fail(err, status, "out of memory");
}

int moot__speakers_build(const struct moot_json *in, struct moot_speakers_def *out,
                         struct moot_error *err)
{
    *out = (struct moot_speakers_def){.method = MOOT_SPEAKER_AUTO,
                                      .fallback = MOOT_SPEAKER_ROUND_ROBIN,
                                      .otherwise = MOOT_SPEAKER_ROUND_ROBIN};
    const struct moot_json *next = moot__json_get(in, "next_speaker");
    const char *fallback = moot__json_get_text(in, "fallback", "round_robin");
    out->repeat = moot__json_get_bool(in, "repeat_speaker", false);
    out->introductions = moot__json_get_bool(in, "introductions", false);
    int status = MOOT_OK;
    if (!method_of(fallback, &out->fallback) || out->fallback == MOOT_SPEAKER_AUTO)
        status = moot__fail(err, MOOT_EINVAL, "group_chat: no fallback is '%s'", fallback);
    else if (moot__json_is(next, MOOT_JSON_ARRAY))
        status = build_rules(next, out, err);
    else if (next != NULL && !method_of(moot__json_text(next), &out->method))
        status = moot__fail(err, MOOT_EINVAL, "group_chat: no such next_speaker");
    if (status == MOOT_OK)
        status =
            build_transitions(moot__json_get(in, "transitions"), &out->only, &out->only_count, err);
    if (status == MOOT_OK)
        status =
            build_transitions(moot__json_get(in, "never"), &out->never, &out->never_count, err);
    if (status != MOOT_OK)
        moot__speakers_release(out);
    return status;
}

static void release_transitions(struct moot_transition *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; list[i].to != NULL && list[i].to[k] != NULL; k++)
            free(list[i].to[k]);
        free(list[i].to);
        free(list[i].from);
    }
    free(list);
}

void moot__speakers_release(struct moot_speakers_def *def)
{
    for (size_t i = 0; i < def->rule_count; i++) {
        moot__expr_free(def->rules[i].when);
        free(def->rules[i].source);
        free(def->rules[i].to);
    }
    free(def->rules);
    release_transitions(def->only, def->only_count);
    release_transitions(def->never, def->never_count);
    for (size_t i = 0; i < def->schema_count; i++)
        free(def->schemas[i]);
    free(def->schemas);
    *def = (struct moot_speakers_def){0};
}

bool moot__speakers_ask(const struct moot_speakers_def *def)
{
    return def->method == MOOT_SPEAKER_AUTO ||
           (def->method == MOOT_SPEAKER_RULES && def->otherwise == MOOT_SPEAKER_AUTO);
}

/* ---- who may ---- */

static const struct moot_transition *after(const struct moot_transition *list, size_t count,
                                           const char *from)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].from, from) == 0)
            return &list[i];
    return NULL;
}

static bool leads_to(const struct moot_transition *t, const char *to)
{
    for (size_t i = 0; t != NULL && t->to[i] != NULL; i++)
        if (strcmp(t->to[i], to) == 0)
            return true;
    return false;
}

size_t moot__speakers_allowed(const struct moot_speakers_def *def, char *const *members,
                              size_t count, size_t last, bool *allowed)
{
    size_t found = 0;
    const char *from = last < count ? members[last] : NULL;
    const struct moot_transition *only =
        from != NULL ? after(def->only, def->only_count, from) : NULL;
    const struct moot_transition *never =
        from != NULL ? after(def->never, def->never_count, from) : NULL;
    for (size_t i = 0; i < count; i++) {
        bool listed = leads_to(only, members[i]);
        allowed[i] = (only == NULL || listed) && !leads_to(never, members[i]) &&
                     (i != last || def->repeat || listed);
        found += allowed[i];
    }
    return found;
}

/* A name is an id: it needs no escaping. */
static char *schema_text(char *const *members, size_t count, const bool *allowed)
{
    struct moot_buf text;
    const char *comma = "";
    moot__buf_init(&text, MOOT_MAX_BODY);
    moot__buf_adds(&text, "{\"type\":\"object\",\"properties\":{\"next\":{\"type\":\"string\","
                          "\"enum\":[");
    for (size_t i = 0; i < count; i++) {
        if (allowed[i])
            moot__buf_addf(&text, "%s\"%s\"", comma, members[i]);
        comma = allowed[i] ? "," : comma;
    }
    moot__buf_adds(&text, "]}},\"required\":[\"next\"],\"additionalProperties\":false}");
    return moot__buf_take(&text);
}

int moot__speakers_schemas(struct moot_speakers_def *def, char *const *members, size_t count)
{
    bool *allowed = calloc(count + 1, sizeof(*allowed));
    def->schemas = calloc(count + 1, sizeof(*def->schemas));
    int status = allowed != NULL && def->schemas != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t last = 0; last <= count && status == MOOT_OK; last++) {
        moot__speakers_allowed(def, members, count, last, allowed);
        def->schemas[last] = schema_text(members, count, allowed);
        status = def->schemas[last] == NULL ? MOOT_ENOMEM : MOOT_OK;
        def->schema_count = last + 1;
    }
    free(allowed);
    return status;
}

size_t moot__speakers_round_robin(size_t count, size_t last, const bool *allowed)
{
    for (size_t i = 1; i <= count; i++) {
        size_t at = last < count ? (last + i) % count : i - 1;
        if (allowed[at])
            return at;
    }
    return count;
}

size_t moot__speakers_random(int64_t seed, const char *conv, int64_t turn, size_t count,
                             const bool *allowed)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += allowed[i];
    if (found == 0)
        return count;
    size_t drawn = (size_t)(moot__draw((uint64_t)seed, conv, (uint32_t)turn) % found);
    for (size_t i = 0; i < count; i++)
        if (allowed[i] && drawn-- == 0)
            return i;
    return count;
}

int moot__speakers_rule(const struct moot_speakers_def *def, const struct moot_json *scope,
                        char *const *members, size_t count, const bool *allowed, size_t *rule,
                        struct moot_error *err)
{
    for (*rule = 0; *rule < def->rule_count; (*rule)++) {
        const struct moot_speaker_rule *r = &def->rules[*rule];
        size_t to = 0;
        while (to < count && strcmp(members[to], r->to) != 0)
            to++;
        if (to == count || !allowed[to])
            continue;
        bool holds = false;
        int status = moot__expr_true(r->when, scope, &holds, err);
        if (status != MOOT_OK)
            return moot__fail_wrap(err, "the rule '%s' of next_speaker", r->source);
        if (holds)
            return MOOT_OK;
    }
    return MOOT_OK;
}
