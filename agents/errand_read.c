#include "agents/errand.h"

#include "runtime/utf8.h"
#include "runtime/votes.h"

enum { REASON_MAX = 300, DEFECTS_MAX = 3 };

static const struct moot_json *candidates(const struct moot_errand *e)
{
    return moot__json_get(e->input, "candidates");
}

/* The candidate of that label, as models write it: "B", " b ", "Candidate B". NULL: none. */
static const struct moot_json *labelled(const struct moot_errand *e, const char *said)
{
    static const char word[] = "candidate ";
    said += strspn(said, " \t\n\"'<[(");
    if (moot__ascii_same(said, word, strlen(word)))
        said += strlen(word);
    size_t len = strcspn(said, " \t\n\"'>])");
    const struct moot_json *c = moot__json_first(candidates(e));
    for (; c != NULL; c = moot__json_next(c)) {
        const char *label = moot__json_get_text(c, "label", "");
        if (strlen(label) == len && moot__ascii_same(label, said, len))
            return c;
    }
    return NULL;
}

static void add_labels(const struct moot_errand *e, struct moot_buf *out)
{
    const struct moot_json *c = moot__json_first(candidates(e));
    for (int i = 0; c != NULL; c = moot__json_next(c), i++)
        moot__buf_addf(out, "%s%s", i == 0 ? "" : ", ", moot__json_get_text(c, "label", ""));
}

static int no_label(const struct moot_errand *e, const char *said, struct moot_buf *problems)
{
    moot__buf_addf(problems, "- '%.60s' is none of the labels ", said);
    add_labels(e, problems);
    moot__buf_addc(problems, '\n');
    return problems->status != MOOT_OK ? problems->status : MOOT_EINVAL;
}

/* ---- a ballot ---- */

/* What is told of it besides: no decision rests on it. */
static int add_remarks(const struct moot_json *said, struct moot_json *ballot)
{
    int64_t confidence = moot__json_get_int(said, "confidence", -1);
    const char *reason = moot__json_get_text(said, "reason", "");
    size_t len = moot__utf8_cut(reason, strnlen(reason, REASON_MAX));
    int rc = MOOT_OK;
    if (confidence >= 0 && confidence <= 100)
        rc = moot__json_set_int(ballot, "confidence", confidence);
    if (rc == MOOT_OK && len > 0)
        rc = moot__json_set(ballot, "reason", moot__json_new_text_n(reason, len));
    return rc;
}

/* One entry of `approve`, `rank` or `grades`: the value that the ballot holds of it. */
static int read_entry(const struct moot_errand *e, bool grades, const struct moot_json *m,
                      struct moot_json **out, struct moot_buf *problems)
{
    const char *label = grades ? moot__json_get_text(m, "label", "") : moot__json_text(m);
    const struct moot_json *c = labelled(e, label != NULL ? label : "");
    int64_t n = moot__json_get_int(c, "n", 0);
    *out = NULL;
    if (c == NULL)
        return no_label(e, label != NULL ? label : "", problems);
    if (!grades) {
        *out = moot__json_new_int(n);
        return *out == NULL ? MOOT_ENOMEM : MOOT_OK;
    }
    int64_t grade = moot__json_get_int(m, "grade", -1);
    if (grade < 0 || grade > MOOT_GRADE_MAX) {
        moot__buf_addf(problems, "- the grade of %s is not an integer from 0 to 10\n", label);
        return problems->status != MOOT_OK ? problems->status : MOOT_EINVAL;
    }
    *out = moot__json_new(MOOT_JSON_OBJECT);
    int rc = *out == NULL ? MOOT_ENOMEM : moot__json_set_int(*out, "n", n);
    return rc == MOOT_OK ? moot__json_set_int(*out, "grade", grade) : rc;
}

static bool has(const struct moot_json *list, const struct moot_json *value)
{
    for (const struct moot_json *m = moot__json_first(list); m != NULL; m = moot__json_next(m))
        if (moot__json_get_int(m, "n", 0) == moot__json_get_int(value, "n", 0) &&
            (moot__json_is(m, MOOT_JSON_OBJECT) || moot__json_equal(m, value)))
            return true;
    return false;
}

/* All entries in their order; what is said twice counts once. */
static int read_list(const struct moot_errand *e, bool grades, const struct moot_json *said,
                     struct moot_json *list, struct moot_buf *problems)
{
    int rc = MOOT_OK;
    const struct moot_json *m = moot__json_first(said);
    for (; m != NULL && rc == MOOT_OK; m = moot__json_next(m)) {
        struct moot_json *value = NULL;
        rc = read_entry(e, grades, m, &value, problems);
        if (rc != MOOT_OK || has(list, value))
            moot__json_free(value);
        else
            rc = moot__json_add(list, value);
    }
    return rc;
}

static int read_votes(const struct moot_errand *e, enum moot_vote_rule rule,
                      const struct moot_json *said, struct moot_json *ballot,
                      struct moot_buf *problems)
{
    const char *member = moot__votes_member(rule);
    bool none = moot__json_get_bool(said, "none", false);
    struct moot_json *list = moot__json_new(MOOT_JSON_ARRAY);
    int rc = list == NULL ? MOOT_ENOMEM : MOOT_OK;
    if (rc == MOOT_OK && !none)
        rc = read_list(e, rule == MOOT_VOTE_MEDIAN, moot__json_get(said, member), list, problems);
    size_t count = moot__json_count(list);
    if (rc == MOOT_OK && rule == MOOT_VOTE_PLURALITY && count > 1) {
        moot__buf_adds(problems, "- `approve` names more than one\n");
        rc = MOOT_EINVAL;
    }
    if (rc == MOOT_OK && rule == MOOT_VOTE_MEDIAN && !none &&
        count < moot__json_count(candidates(e))) {
        moot__buf_adds(problems, "- `grades` leaves some of them out\n");
        rc = MOOT_EINVAL;
    }
    /* Who approves of nothing says so; who ranks nothing has not voted. */
    bool approves = rule == MOOT_VOTE_APPROVAL && moot__json_get(said, member) != NULL;
    if (rc == MOOT_OK && count == 0 && !none && !approves) {
        moot__buf_addf(problems, "- `%s` is empty and `none` is not true\n", member);
        rc = MOOT_EINVAL;
    }
    if (rc != MOOT_OK) {
        moot__json_free(list);
        return rc;
    }
    if (count > 0)
        return moot__json_set(ballot, member, list);
    moot__json_free(list);
    return moot__json_set_bool(ballot, "none", true);
}

/* Whether the words stand in the text; nothing does not. */
static bool quotes(const char *text, const char *quote)
{
    return quote[0] != '\0' && strstr(text, quote) != NULL;
}

/* At the gate an objection blocks if it is high and quotes what it objects to. */
static int read_gate(const struct moot_errand *e, const struct moot_json *said,
                     struct moot_json *ballot, struct moot_buf *problems)
{
    const struct moot_json *c = moot__json_first(candidates(e));
    const struct moot_json *list = moot__json_get(said, "objections");
    struct moot_json *kept = moot__json_new(MOOT_JSON_ARRAY);
    struct moot_json *approve = moot__json_new(MOOT_JSON_ARRAY);
    int rc = kept == NULL || approve == NULL ? MOOT_ENOMEM : MOOT_OK;
    bool blocked = false;
    if (rc == MOOT_OK && !moot__json_is(list, MOOT_JSON_ARRAY)) {
        moot__buf_adds(problems, "- `objections` is not there: [] is consent\n");
        rc = MOOT_EINVAL;
    }
    for (const struct moot_json *m = moot__json_first(list); m != NULL && rc == MOOT_OK;
         m = moot__json_next(m)) {
        if (!quotes(moot__json_get_text(c, "text", ""), moot__json_get_text(m, "quote", "")) ||
            moot__json_count(kept) >= DEFECTS_MAX)
            continue;
        struct moot_json *o = moot__json_new(MOOT_JSON_OBJECT);
        bool high = strcmp(moot__json_get_text(m, "severity", ""), "high") == 0;
        blocked = blocked || high;
        rc = o == NULL ? MOOT_ENOMEM
                       : moot__json_set_text(o, "what", moot__json_get_text(m, "what", ""));
        if (rc == MOOT_OK)
            rc = moot__json_set_text(o, "quote", moot__json_get_text(m, "quote", ""));
        if (rc == MOOT_OK)
            rc = moot__json_set_text(o, "severity", high ? "high" : "low");
        if (rc == MOOT_OK)
            rc = moot__json_add(kept, o);
        else
            moot__json_free(o);
    }
    if (rc == MOOT_OK)
        rc = moot__json_add(approve, moot__json_new_int(moot__json_get_int(c, "n", 0)));
    if (rc == MOOT_OK && moot__json_count(kept) > 0)
        rc = moot__json_set(ballot, "objections", moot__json_copy(kept));
    if (rc == MOOT_OK)
        rc = blocked ? moot__json_set_bool(ballot, "none", true)
                     : moot__json_set(ballot, "approve", moot__json_copy(approve));
    moot__json_free(kept);
    moot__json_free(approve);
    return rc;
}

static int read_ballot(const struct moot_errand *e, const struct moot_json *said,
                       struct moot_json *out, struct moot_buf *problems)
{
    enum moot_vote_rule rule = MOOT_VOTE_APPROVAL;
    moot__vote_rule(moot__json_get_text(e->input, "rule", NULL), &rule);
    int rc = moot__json_set_int(out, "round", moot__json_get_int(e->input, "round", 0));
    if (rc == MOOT_OK)
        rc = moot__json_set_text(out, "set", moot__json_get_text(e->input, "set", ""));
    if (rc == MOOT_OK)
        rc = moot__json_get_bool(e->input, "gate", false)
                 ? read_gate(e, said, out, problems)
                 : read_votes(e, rule, said, out, problems);
    return rc == MOOT_OK ? add_remarks(said, out) : rc;
}

/* ---- a critique ---- */

static size_t defects_of(const struct moot_json *defects, int64_t n)
{
    size_t count = 0;
    const struct moot_json *m = moot__json_first(defects);
    for (; m != NULL; m = moot__json_next(m))
        count += moot__json_get_int(m, "n", 0) == n;
    return count;
}

/* What quotes nothing is dropped: only what can be looked up corrects. */
static int read_critique(const struct moot_errand *e, const struct moot_json *said,
                         struct moot_json *out, struct moot_buf *problems)
{
    static const char *const texts[] = {"what", "quote", "criterion"};
    const struct moot_json *list = moot__json_get(said, "defects");
    if (!moot__json_is(list, MOOT_JSON_ARRAY)) {
        moot__buf_adds(problems, "- `defects` is not there: [] is none\n");
        return MOOT_EINVAL;
    }
    int rc = moot__json_set(out, "defects", moot__json_new(MOOT_JSON_ARRAY));
    struct moot_json *kept = moot__json_edit(out, "defects");
    for (const struct moot_json *m = moot__json_first(list); m != NULL && rc == MOOT_OK;
         m = moot__json_next(m)) {
        const struct moot_json *c = labelled(e, moot__json_get_text(m, "label", ""));
        int64_t n = moot__json_get_int(c, "n", 0);
        const char *severity = moot__json_get_text(m, "severity", "low");
        if (c == NULL || defects_of(kept, n) >= DEFECTS_MAX ||
            !quotes(moot__json_get_text(c, "text", ""), moot__json_get_text(m, "quote", "")))
            continue;
        struct moot_json *d = moot__json_new(MOOT_JSON_OBJECT);
        rc = d == NULL ? MOOT_ENOMEM : moot__json_set_int(d, "n", n);
        for (size_t i = 0; i < MOOT_COUNT(texts) && rc == MOOT_OK; i++)
            rc = moot__json_set_text(d, texts[i], moot__json_get_text(m, texts[i], ""));
        if (rc == MOOT_OK)
            rc = moot__json_set_text(d, "severity", strcmp(severity, "high") == 0 ? "high" : "low");
        if (rc == MOOT_OK)
            rc = moot__json_add(kept, d);
        else
            moot__json_free(d);
    }
    return rc;
}

/* ---- a choice ---- */

static int read_choice(const struct moot_errand *e, const struct moot_json *said,
                       struct moot_json *out, struct moot_buf *problems)
{
    const char *label = moot__json_get_text(said, "choice", "");
    const struct moot_json *c = labelled(e, label);
    if (c == NULL)
        return no_label(e, label, problems);
    if (moot__json_get_text(said, "reason", "")[0] == '\0') {
        moot__buf_adds(problems, "- `reason` is empty\n");
        return MOOT_EINVAL;
    }
    int rc = moot__json_set_int(out, "n", moot__json_get_int(c, "n", 0));
    return rc == MOOT_OK ? add_remarks(said, out) : rc;
}

/* ---- a plan ---- */

static bool is_id(const char *id)
{
    size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return len > 0 && len <= 40 && id[len] == '\0';
}

static const struct moot_json *with_id(const struct moot_json *list, const char *id)
{
    const struct moot_json *m = moot__json_first(list);
    while (m != NULL && strcmp(moot__json_get_text(m, "id", ""), id) != 0)
        m = moot__json_next(m);
    return m;
}

static void add_ids(const struct moot_json *list, struct moot_buf *out)
{
    const struct moot_json *m = moot__json_first(list);
    for (int i = 0; m != NULL; m = moot__json_next(m), i++)
        moot__buf_addf(out, "%s%s", i == 0 ? "" : ", ", moot__json_get_text(m, "id", ""));
}

/* What is wrong with an item, of which `before` stand before it. */
static void look_at_item(const struct moot_errand *e, const struct moot_json *item,
                         const struct moot_json *before, struct moot_buf *problems)
{
    const struct moot_json *agents = moot__json_get(e->input, "agents");
    const char *id = moot__json_get_text(item, "id", "");
    const char *agent = moot__json_get_text(item, "agent", "");
    if (!is_id(id))
        moot__buf_addf(problems, "- '%.60s' is no id: letters, digits, - and _\n", id);
    else if (with_id(before, id) != NULL)
        moot__buf_addf(problems, "- two items are called '%s'\n", id);
    if (moot__json_get_text(item, "prompt", "")[0] == '\0')
        moot__buf_addf(problems, "- item '%.60s' does not say what is to be done\n", id);
    if (with_id(agents, agent) == NULL) {
        moot__buf_addf(problems, "- item '%.60s' is given to '%.60s'; there are ", id, agent);
        add_ids(agents, problems);
        moot__buf_addc(problems, '\n');
    }
    const struct moot_json *n = moot__json_first(moot__json_get(item, "needs"));
    for (; n != NULL; n = moot__json_next(n)) {
        const char *need = moot__json_text(n) != NULL ? moot__json_text(n) : "";
        if (with_id(before, need) == NULL)
            moot__buf_addf(problems, "- item '%.60s' needs '%.60s', which is no earlier item\n", id,
                           need);
    }
}

static int copy_texts(const struct moot_json *from, const char *key, struct moot_json *to)
{
    int rc = moot__json_set(to, key, moot__json_new(MOOT_JSON_ARRAY));
    struct moot_json *list = moot__json_edit(to, key);
    const struct moot_json *m = moot__json_first(moot__json_get(from, key));
    for (; m != NULL && rc == MOOT_OK; m = moot__json_next(m))
        if (moot__json_text(m) != NULL)
            rc = moot__json_add(list, moot__json_new_text(moot__json_text(m)));
    return rc;
}

static int copy_item(const struct moot_json *item, struct moot_json *to)
{
    static const char *const texts[] = {"id", "agent", "prompt"};
    struct moot_json *made = moot__json_new(MOOT_JSON_OBJECT);
    int rc = made == NULL ? MOOT_ENOMEM : MOOT_OK;
    for (size_t i = 0; i < MOOT_COUNT(texts) && rc == MOOT_OK; i++)
        rc = moot__json_set_text(made, texts[i], moot__json_get_text(item, texts[i], ""));
    if (rc == MOOT_OK)
        rc = copy_texts(item, "needs", made);
    if (rc == MOOT_OK)
        rc = copy_texts(item, "criteria", made);
    if (rc == MOOT_OK)
        return moot__json_add(to, made);
    moot__json_free(made);
    return rc;
}

static int read_plan(const struct moot_errand *e, const struct moot_json *said,
                     struct moot_json *out, struct moot_buf *problems)
{
    const struct moot_json *list = moot__json_get(said, "items");
    int64_t most = moot__json_get_int(e->input, "most", 0);
    int rc = moot__json_set(out, "items", moot__json_new(MOOT_JSON_ARRAY));
    struct moot_json *items = moot__json_edit(out, "items");
    if (moot__json_count(list) < 1 || (int64_t)moot__json_count(list) > most)
        moot__buf_addf(problems, "- `items` must have 1 to %lld\n", (long long)most);
    for (const struct moot_json *m = moot__json_first(list); m != NULL && rc == MOOT_OK;
         m = moot__json_next(m)) {
        look_at_item(e, m, items, problems);
        rc = copy_item(m, items);
    }
    if (rc == MOOT_OK && problems->status != MOOT_OK)
        rc = problems->status;
    return rc != MOOT_OK ? rc : problems->len > 0 ? MOOT_EINVAL : MOOT_OK;
}

int moot__errand_read(const struct moot_errand *e, const struct moot_json *said,
                      struct moot_json **out, struct moot_buf *problems)
{
    static int (*const read[MOOT_ERRANDS])(const struct moot_errand *, const struct moot_json *,
                                           struct moot_json *, struct moot_buf *) = {
        [MOOT_ERRAND_BALLOT] = read_ballot,
        [MOOT_ERRAND_CRITIQUE] = read_critique,
        [MOOT_ERRAND_CHOICE] = read_choice,
        [MOOT_ERRAND_PLAN] = read_plan,
    };
    if (!moot__json_is(said, MOOT_JSON_OBJECT))
        return MOOT_EINVAL;
    struct moot_json *made = moot__json_new(MOOT_JSON_OBJECT);
    int rc = made == NULL ? MOOT_ENOMEM : read[e->kind](e, said, made, problems);
    if (rc == MOOT_OK)
        *out = made;
    else
        moot__json_free(made);
    return rc;
}
