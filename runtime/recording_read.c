/* Reading a recording: a journal, an export, or a file of replies alone. */
#include "runtime/anchor.h"
#include "runtime/file.h"
#include "runtime/recording_part.h"
#include "runtime/verify.h"

#include <errno.h>

enum { PAST_LAST = 1 }; /* `each` has read as far as it should */

/* ---- messages ---- */

static bool is_call(enum moot_kind kind)
{
    return kind == MOOT_MODEL_CALL || kind == MOOT_TOOL_CALL || kind == MOOT_QUESTION;
}

static int take_text(char **field, const char *text)
{
    free(*field);
    *field = moot__copy(text, strlen(text));
    return *field != NULL ? MOOT_OK : MOOT_ENOMEM;
}

static int take_genesis(struct moot_recording *r, const struct moot_message *m)
{
    const struct moot_json *crew = moot__json_get(m->body, "crew");
    r->has_seed = moot__json_get(m->body, "seed") != NULL;
    r->seed = moot__json_get_int(m->body, "seed", 0);
    int status = take_text(&r->crew, moot__json_get_text(crew, "crew", ""));
    return status == MOOT_OK ? take_text(&r->date, moot__json_get_text(m->body, "date", ""))
                             : status;
}

/* The items stand in the journal as the host's own messages. */
static int take_item(struct moot_recording *r, const struct moot_message *m)
{
    const char *input = moot__json_get_text(m->body, "input", NULL);
    struct moot_json *item = NULL;
    if (input == NULL || moot__json_get(m->body, "item") == NULL)
        return MOOT_OK;
    int status = moot__json_parse(input, strlen(input), &item, r->err);
    return status == MOOT_OK ? moot__json_add(r->items, item) : status;
}

static int take_call(struct moot_recording *r, const struct moot_message *m)
{
    char id[MOOT_HEX_SIZE];
    struct moot_recording_entry *e = moot__recording_entry(m->kind, m->conv, m->from, m->n);
    if (e == NULL)
        return MOOT_ENOMEM;
    moot__hex(m->id, MOOT_HASH_SIZE, id);
    e->asked = m->body != NULL ? moot__recording_asked(m->kind, m->body) : NULL;
    bool lost = m->body != NULL && e->asked == NULL;
    if (lost || moot__map_put(&r->calls, id, e) != MOOT_OK) {
        moot__recording_entry_free(e);
        return MOOT_ENOMEM;
    }
    return MOOT_OK;
}

static int take_outcome(struct moot_recording *r, const struct moot_message *m)
{
    char id[MOOT_HEX_SIZE];
    moot__hex(m->re, MOOT_HASH_SIZE, id);
    struct moot_recording_entry *e = m->has_re ? moot__map_take(&r->calls, id) : NULL;
    if (e == NULL)
        return MOOT_OK;
    int status = MOOT_OK;
    e->given_up = moot__json_get_bool(m->body, "ended", false);
    if (m->body != NULL)
        status = moot__recording_body(e->kind, m->body, &e->body, r->err);
    for (size_t i = 0; i < m->prov_count && status == MOOT_OK && e->kind == MOOT_TOOL_CALL; i++)
        status = moot__message_add(&e->prov, &e->prov_count, m->prov[i]);
    if (status == MOOT_OK)
        return moot__recording_put(r, e);
    moot__recording_entry_free(e);
    return status;
}

static int take_message(void *arg, struct moot_message *m)
{
    struct moot_recording *r = arg;
    int status = MOOT_OK;
    if (r->last >= 0 && m->seq > r->last)
        return PAST_LAST;
    if (m->kind == MOOT_GENESIS)
        status = take_genesis(r, m);
    else if (m->kind == MOOT_MSG && m->conv[0] == '\0')
        status = take_item(r, m);
    else if (is_call(m->kind))
        status = take_call(r, m);
    else if (m->kind == MOOT_MODEL_REPLY || m->kind == MOOT_TOOL_RESULT || m->kind == MOOT_ANSWER)
        status = take_outcome(r, m);
    if (status != MOOT_OK && status != MOOT_ENOMEM)
        return moot__fail_wrap(r->err, "message %lld", (long long)m->seq);
    r->seq = m->seq;
    memcpy(r->link, m->link, sizeof(r->link));
    memcpy(r->run, m->run, sizeof(r->run));
    return status;
}

/* ---- a file of replies ---- */

static int take_head(struct moot_recording *r, const struct moot_json *line)
{
    if (moot__json_get_int(line, "recording", 0) != MOOT_RECORDING_FORMAT)
        return moot__fail(r->err, MOOT_EVERSION,
                          "it is a recording of a form that this moot does "
                          "not know");
    r->has_seed = moot__json_get(line, "seed") != NULL;
    r->seed = moot__json_get_int(line, "seed", 0);
    int status = take_text(&r->crew, moot__json_get_text(line, "crew", ""));
    return status == MOOT_OK ? take_text(&r->date, moot__json_get_text(line, "date", "")) : status;
}

static int take_labels(const struct moot_recording *r, struct moot_recording_entry *e,
                       const struct moot_json *labels)
{
    if (moot__json_count(labels) > MOOT_RECORDING_LABELS)
        return moot__fail(r->err, MOOT_EMALFORMED, "it has too many labels");
    int status = MOOT_OK;
    const struct moot_json *label = moot__json_first(labels);
    for (; label != NULL && status == MOOT_OK; label = moot__json_next(label)) {
        const char *text = moot__json_text(label);
        if (text == NULL || text[0] == '\0' || strlen(text) > MOOT_MAX_ID)
            return moot__fail(r->err, MOOT_EMALFORMED, "a label of it is no short text");
        status = moot__message_add(&e->prov, &e->prov_count, text);
    }
    return status;
}

static int fill_reply(const struct moot_recording *r, struct moot_recording_entry *e,
                      const struct moot_json *line)
{
    const struct moot_json *body = moot__json_get(line, "body");
    e->asked = moot__recording_asked(e->kind, line);
    e->given_up = moot__json_get_bool(line, "given_up", false);
    if (e->asked == NULL)
        return MOOT_ENOMEM;
    if (!moot__json_is(body, MOOT_JSON_OBJECT))
        return moot__fail(r->err, MOOT_EMALFORMED, "it has no 'body'");
    int status = moot__recording_body(e->kind, body, &e->body, r->err);
    return status == MOOT_OK ? take_labels(r, e, moot__json_get(line, "prov")) : status;
}

static int take_reply(struct moot_recording *r, const struct moot_json *line)
{
    const char *conv = moot__json_get_text(line, "conv", NULL);
    const char *from = moot__json_get_text(line, "from", NULL);
    int64_t n = moot__json_get_int(line, "n", 0);
    enum moot_kind kind = moot__kind_parse(moot__json_get_text(line, "kind", ""));
    if (!is_call(kind))
        return moot__fail(r->err, MOOT_EMALFORMED,
                          "its 'kind' is none of model_call, tool_call, question");
    bool named = conv != NULL && strlen(conv) < MOOT_MAX_PATH_CONV && from != NULL &&
                 strlen(from) <= MOOT_MAX_NAME && n > 0 && n <= UINT32_MAX;
    if (!named)
        return moot__fail(r->err, MOOT_EMALFORMED, "it lacks 'conv', 'from' or 'n'");
    struct moot_recording_entry *e = moot__recording_entry(kind, conv, from, (uint32_t)n);
    int status = e != NULL ? fill_reply(r, e, line) : MOOT_ENOMEM;
    if (status == MOOT_OK)
        return moot__recording_put(r, e);
    moot__recording_entry_free(e);
    return status;
}

/* ---- lines ---- */

static bool is_replies(const char *line)
{
    static const char head[] = "{\"recording\":";
    return strncmp(line, head, sizeof(head) - 1) == 0;
}

static int take_line(struct moot_recording *r, const struct moot_buf *line, bool replies,
                     int64_t number)
{
    const char *text = moot__buf_text(line);
    size_t len = line->len - (line->len > 0 && text[line->len - 1] == '\n');
    if (!replies) {
        struct moot_message *m = NULL;
        if (moot__anchor_is_line(text, len))
            return MOOT_OK;
        int status = moot__message_import(text, len, &m, r->err);
        if (status == MOOT_OK)
            status = take_message(r, m);
        moot__message_unref(m);
        return status;
    }
    struct moot_json *j = NULL;
    int status = moot__json_parse(text, len, &j, r->err);
    if (status == MOOT_OK && !moot__json_is(j, MOOT_JSON_OBJECT))
        status = moot__fail(r->err, MOOT_EMALFORMED, "it is no JSON object");
    if (status == MOOT_OK)
        status = number == 1 ? take_head(r, j) : take_reply(r, j);
    moot__json_free(j);
    return status;
}

static int read_lines(struct moot_recording *r, FILE *f)
{
    struct moot_buf line;
    int64_t number = 0;
    int status = MOOT_OK;
    bool replies = false;
    moot__buf_init(&line, MOOT_MAX_JSON);
    while (status == MOOT_OK && moot__file_line(f, &line)) {
        if (++number == 1)
            replies = is_replies(moot__buf_text(&line));
        status = take_line(r, &line, replies, number);
        if (status < 0 && status != MOOT_ENOMEM)
            moot__fail_wrap(r->err, "%s: line %lld", r->path, (long long)number);
    }
    if (status == MOOT_OK && line.status != MOOT_OK)
        status = moot__fail(r->err, line.status, "%s: line %lld: %s", r->path,
                            (long long)number + 1, moot__status_text(line.status));
    else if (status == MOOT_OK && ferror(f))
        status = moot__file_fail(r->err, r->path, "read");
    else if (status == MOOT_OK && number == 0)
        status = moot__fail(r->err, MOOT_EMALFORMED, "%s is empty: no recording", r->path);
    moot__buf_release(&line);
    return status;
}

/* ---- which of them it is ---- */

/* Nothing is replayed that cannot be proved; that a run was cut off is no fault of what is there.
 */
static int prove(const struct moot_recording *r)
{
    struct moot_verify_options options = {0};
    struct moot_verify_result *result = calloc(1, sizeof(*result));
    if (result == NULL)
        return MOOT_ENOMEM;
    int status = moot__verify_file(r->path, &options, result);
    if (status == MOOT_EINCOMPLETE)
        status = MOOT_OK;
    if (status != MOOT_OK) {
        *r->err = result->error;
        r->err->code = status;
        moot__fail_wrap(r->err, "%s cannot be used as a recording", r->path);
        moot__fail_hint(r->err, "moot verify %s   says more", r->path);
    }
    free(result);
    return status;
}

static int read_journal(struct moot_recording *r)
{
    struct moot_journal *j = NULL;
    int status = prove(r);
    if (status == MOOT_OK)
        status = moot__journal_open(r->path, MOOT_JOURNAL_READ, NULL, &j, r->err);
    if (status == MOOT_OK)
        status = moot__journal_each(j, 0, take_message, r, r->err);
    moot__journal_close(j);
    return status;
}

static int read_file(struct moot_recording *r)
{
    static const char head[] = "{\"recording\":";
    char start[sizeof(head)] = "";
    FILE *f = fopen(r->path, "rbe");
    if (f == NULL)
        return moot__file_fail(r->err, r->path, "opened");
    size_t got = fread(start, 1, sizeof(head) - 1, f);
    int status = got > 0 && !is_replies(start) ? prove(r) : MOOT_OK;
    if (status == MOOT_OK && fseek(f, 0, SEEK_SET) != 0)
        status = moot__file_fail(r->err, r->path, "read");
    if (status == MOOT_OK)
        status = read_lines(r, f);
    fclose(f);
    return status;
}

int moot__recording_read(struct moot_recording *r)
{
    int status = moot__journal_is_file(r->path) ? read_journal(r) : read_file(r);
    if (status == PAST_LAST)
        status = MOOT_OK;
    if (status == MOOT_OK && r->last > r->seq)
        return moot__fail(r->err, MOOT_EINVAL, "there is no message %lld: the run ends at %lld",
                          (long long)r->last, (long long)r->seq);
    return status;
}
