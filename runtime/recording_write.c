/* A file of replies alone: what `moot run --record` leaves. */
#include "runtime/recording_part.h"

static int write_head(const struct moot_recording *r, struct moot_buf *out)
{
    struct moot_json *head = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_int(head, "recording", MOOT_RECORDING_FORMAT);
    status |= moot__json_set_text(head, "crew", r->crew != NULL ? r->crew : "");
    status |= moot__json_set_text(head, "date", r->date != NULL ? r->date : "");
    if (r->has_seed)
        status |= moot__json_set_int(head, "seed", r->seed);
    if (status == MOOT_OK)
        status = moot__json_write(head, out);
    moot__json_free(head);
    moot__buf_addc(out, '\n');
    return status == MOOT_OK ? out->status : MOOT_ENOMEM;
}

static int add_asked(struct moot_json *line, const struct moot_recording_entry *e)
{
    if (e->kind != MOOT_TOOL_CALL)
        return moot__json_set_text(line, e->kind == MOOT_MODEL_CALL ? "req" : "text", e->asked);
    const char *args = strchr(e->asked, ' '); /* a tool's id holds none */
    struct moot_json *tool = moot__json_new_text_n(e->asked, (size_t)(args - e->asked));
    int status = moot__json_set(line, "tool", tool);
    return status == MOOT_OK ? moot__json_set_text(line, "args", args + 1) : status;
}

static int add_labels(struct moot_json *line, const struct moot_recording_entry *e)
{
    struct moot_json *labels = moot__json_new(MOOT_JSON_ARRAY);
    int status = labels != NULL ? MOOT_OK : MOOT_ENOMEM;
    for (size_t i = 0; i < e->prov_count && status == MOOT_OK; i++)
        status = moot__json_add(labels, moot__json_new_text(e->prov[i]));
    if (status == MOOT_OK)
        return moot__json_set(line, "prov", labels);
    moot__json_free(labels);
    return status;
}

static int write_entry(const struct moot_recording_entry *e, struct moot_buf *out)
{
    struct moot_json *line = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__json_set_text(line, "conv", e->conv);
    status |= moot__json_set_text(line, "from", e->from);
    status |= moot__json_set_int(line, "n", e->n);
    status |= moot__json_set_text(line, "kind", moot_kind_text(e->kind));
    status |= add_asked(line, e);
    if (e->prov_count > 0)
        status |= add_labels(line, e);
    if (e->given_up)
        status |= moot__json_set_bool(line, "given_up", true);
    status |= moot__json_set(line, "body", moot__json_copy(e->body));
    if (status == MOOT_OK)
        status = moot__json_write(line, out);
    moot__json_free(line);
    moot__buf_addc(out, '\n');
    return status == MOOT_OK ? out->status : MOOT_ENOMEM;
}

int moot__recording_write(const struct moot_recording *r, struct moot_buf *out)
{
    int status = write_head(r, out);
    size_t i = 0;
    /* Names come in the order of their outcomes. */
    for (const struct moot_map_entry *e;
         status == MOOT_OK && (e = moot__map_next(&r->names, &i)) != NULL;) {
        const struct moot_recording_entry *entry = e->value;
        if (entry->asked != NULL && entry->body != NULL)
            status = write_entry(entry, out);
    }
    return status;
}
