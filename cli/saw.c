#include "cli/saw.h"

#include "agents/judging.h"
#include "agents/output.h"
#include "roles/crew.h"

enum { SAW_KEY = MOOT_MAX_PATH_CONV + MOOT_MAX_ID + 16 };

struct saw {
    const char *agent;
    struct moot_message **list; /* one reference each */
    size_t count, size;
    struct moot_map by_id;     /* id in hex -> message */
    struct moot_map by_name;   /* "conv|from|n" -> message */
    struct moot_map histories; /* conv -> struct moot_history */
    struct moot_crew *crew;    /* NULL: cannot be built here */
    const char *conv;          /* of the call at hand */
    const struct moot_message **hidden;
};

static void name_key(char out[SAW_KEY], const char *conv, const char *from, uint32_t n)
{
    snprintf(out, SAW_KEY, "%s|%s|%u", conv, from, n);
}

static int keep(void *arg, struct moot_message *m)
{
    struct saw *s = arg;
    char key[SAW_KEY], id[MOOT_HEX_SIZE];
    if (s->count == s->size) {
        size_t size = s->size == 0 ? 256 : s->size * 2;
        struct moot_message **list = realloc(s->list, size * sizeof(*list));
        if (list == NULL)
            return MOOT_ENOMEM;
        s->list = list;
        s->size = size;
    }
    s->list[s->count++] = moot__message_ref(m);
    name_key(key, m->conv, m->from, m->n);
    moot__hex(m->id, MOOT_HASH_SIZE, id);
    if (moot__map_put(&s->by_id, id, m) != MOOT_OK || moot__map_put(&s->by_name, key, m) != MOOT_OK)
        return MOOT_ENOMEM;
    return MOOT_OK;
}

/* Nothing is asked of a model: any key will do, and no address is replaced. */
static const char *no_env(const char *name)
{
    return strstr(name, "URL") != NULL || strstr(name, "HOST") != NULL ? NULL : "none";
}

/* The crew as it is from this message on. Where it cannot be built (a file that it names is gone)
 * tools and schemas stay unknown. */
static int take_crew(struct saw *s, const struct moot_message *m)
{
    const struct moot_json *crew = moot__json_get(m->body, "crew");
    struct moot_json *copy = crew != NULL ? moot__json_copy(crew) : NULL;
    if (crew == NULL)
        return MOOT_OK;
    if (copy == NULL)
        return MOOT_ENOMEM;
    moot__crew_free(s->crew);
    s->crew = NULL;
    struct moot_error ignored = {0};
    const char *date = moot__json_get_text(m->body, "date", "");
    int status = moot__crew_build(copy, ".", date, no_env, &s->crew, &ignored);
    return status == MOOT_ENOMEM ? status : MOOT_OK;
}

static const struct moot_message *find_named(void *arg, const char *from, uint32_t n)
{
    const struct saw *s = arg;
    char key[SAW_KEY];
    name_key(key, s->conv, from, n);
    return moot__map_get(&s->by_name, key);
}

static enum moot_add_role role_of(const char *as)
{
    static const char *const words[] = {
        [MOOT_ADD_SYSTEM] = "system",           [MOOT_ADD_USER] = "user",
        [MOOT_ADD_ASSISTANT] = "assistant",     [MOOT_ADD_TOOL] = "tool",
        [MOOT_ADD_OBSERVATION] = "observation",
    };
    for (size_t i = 0; i < MOOT_COUNT(words); i++)
        if (strcmp(as, words[i]) == 0)
            return (enum moot_add_role)i;
    return MOOT_ADD_USER;
}

/* The adds of a call as an effect would hold them; texts are the messages'. The caller frees the
 * array alone. */
static int read_adds(const struct saw *s, const struct moot_json *list, struct moot_add **out,
                     size_t *count, struct moot_error *err)
{
    struct moot_add *adds = calloc(moot__json_count(list) + 1, sizeof(*adds));
    size_t n = 0;
    if (adds == NULL)
        return MOOT_ENOMEM;
    for (const struct moot_json *e = moot__json_first(list); e != NULL; e = moot__json_next(e)) {
        struct moot_add *add = &adds[n++];
        const char *re = moot__json_get_text(e, "re", NULL);
        const struct moot_message *m = re != NULL ? moot__map_get(&s->by_id, re) : NULL;
        add->role = role_of(moot__json_get_text(e, "as", ""));
        if (re != NULL && m == NULL) {
            free(adds);
            return moot__fail(err, MOOT_EINCOMPLETE,
                              "a request shows message %.12s…, which is not "
                              "in the journal",
                              re);
        }
        /* Read only; the fields are not const because effects own them. */
        if (m != NULL) {
            add->from = m->from;
            add->n = m->n;
            add->named = moot__json_get_bool(e, "named", false);
        } else {
            add->text = (char *)moot__json_get_text(e, "text", "");   /* NOLINT(cast-qual) */
            add->call = (char *)moot__json_get_text(e, "call", NULL); /* NOLINT(cast-qual) */
        }
    }
    *out = adds;
    *count = n;
    return MOOT_OK;
}

struct views {
    const struct moot_tool_view *list;
    size_t count;
};

/* What it may have been given: its tools in the task, outside of tasks or in conversations. */
static void find_tools(const struct saw *s, struct moot_saw_call *c)
{
    const char *hash = moot__json_get_text(c->call->body, "tools", NULL);
    char hex[MOOT_HEX_SIZE];
    if (hash == NULL)
        return;
    c->tools_lost = true;
    if (s->crew == NULL)
        return;
    const struct moot_crew_def *def = &s->crew->def;
    const struct moot_task_def *task =
        c->call->task != NULL ? moot__def_task(def, c->call->task) : NULL;
    const struct moot_agent_def *agent = moot__def_agent(def, c->call->from);
    const struct views sets[] = {
        {task != NULL ? task->views : NULL, task != NULL ? task->view_count : 0},
        {agent != NULL ? agent->views : NULL, agent != NULL ? agent->view_count : 0},
        {agent != NULL ? agent->talk_views : NULL, agent != NULL ? agent->talk_view_count : 0},
    };
    for (size_t i = 0; i < MOOT_COUNT(sets) && c->tools_lost; i++) {
        moot__request_tools_hash(sets[i].list, sets[i].count, hex);
        if (sets[i].count == 0 || strcmp(hex, hash) != 0)
            continue;
        c->tools = sets[i].list;
        c->tool_count = sets[i].count;
        c->tools_lost = false;
    }
}

static void find_schema(const struct saw *s, struct moot_saw_call *c)
{
    const char *hash = moot__json_get_text(c->call->body, "schema", NULL);
    if (hash == NULL)
        return;
    const struct moot_task_def *task = s->crew != NULL && c->call->task != NULL
                                           ? moot__def_task(&s->crew->def, c->call->task)
                                           : NULL;
    const char *const schemas[] = {task != NULL ? moot__output_schema(&task->output) : NULL,
                                   moot__verdict_schema};
    c->schema_lost = true;
    for (size_t i = 0; i < MOOT_COUNT(schemas) && c->schema_lost; i++) {
        uint8_t bytes[MOOT_HASH_SIZE];
        char hex[MOOT_HEX_SIZE];
        if (schemas[i] == NULL)
            continue;
        moot__hash(schemas[i], strlen(schemas[i]), bytes);
        moot__hex(bytes, MOOT_HASH_SIZE, hex);
        if (strcmp(hex, hash) == 0) {
            c->schema = schemas[i];
            c->schema_lost = false;
        }
    }
}

/* Whether the request hashes to what the call says with this name for its model. */
static bool agrees(struct saw *s, const struct moot_history *h, struct moot_think *think,
                   const struct moot_message *call, const char *model)
{
    struct moot_history tried = {.last = think->base};
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    if (think->base != 0)
        memcpy(tried.req, h->req, sizeof(tried.req));
    think->model = model;
    bool same =
        body != NULL &&
        moot__history_extend(&tried, think, call->n, find_named, s, body, NULL) == MOOT_OK &&
        strcmp(moot__json_get_text(body, "req", ""), moot__json_get_text(call->body, "req", "-")) ==
            0;
    moot__history_release(&tried);
    moot__json_free(body);
    return same;
}

/* The hash holds how the call was made, the journal what came of it: "auto" may have been nothing,
 * and a choice among no tools is not noted. */
static bool agrees_somehow(struct saw *s, const struct moot_history *h, struct moot_think *think,
                           const struct moot_message *call, const char *model)
{
    const char *const choices[] = {moot__json_get_text(call->body, "tool_choice", NULL), NULL,
                                   "auto", "none", "required"};
    for (size_t i = 0; i < MOOT_COUNT(choices); i++) {
        think->tool_choice = choices[i];
        if (agrees(s, h, think, call, model))
            return true;
    }
    return false;
}

/* The journal names the provider's model, the hash holds the crew's name for it. */
static bool find_model(struct saw *s, const struct moot_history *h, struct moot_think *think,
                       const struct moot_message *call)
{
    const struct moot_json *crew = s->crew != NULL ? s->crew->resolved : NULL;
    const struct moot_json *one = moot__json_first(moot__json_get(crew, "models"));
    if (agrees_somehow(s, h, think, call, "default"))
        return true;
    for (; one != NULL; one = moot__json_next(one))
        if (agrees_somehow(s, h, think, call, moot__json_get_text(one, "name", "")))
            return true;
    if (agrees_somehow(s, h, think, call, moot__json_get_text(call->body, "model", "")))
        return true;
    think->model = NULL;
    return false;
}

static const struct moot_message *reply_to(const struct saw *s, const struct moot_message *call)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct moot_message *m = s->list[i];
        if (m->kind == MOOT_MODEL_REPLY && m->re_n == call->n && m->re_from != NULL &&
            strcmp(m->re_from, call->from) == 0 && strcmp(m->conv, call->conv) == 0)
            return m;
    }
    return NULL;
}

/* Whether the request holds the words of a message, in whatever form. */
static bool holds(const struct moot_saw_call *c, const struct moot_message *m)
{
    struct moot_buf literal;
    moot__buf_init(&literal, MOOT_MAX_JSON);
    char *text = m->kind == MOOT_TOOL_RESULT ? NULL : moot__parts_text(m->body);
    const char *words = text != NULL ? text : moot__json_get_text(m->body, "output", "");
    words += strspn(words, " \n");
    moot__buf_add_json(&literal, words, strlen(words));
    bool held = literal.len <= 2;
    if (!held) /* without its quotes */
        moot__buf_truncate(&literal, literal.len - 1);
    for (size_t i = 0; i < c->count && !held; i++)
        held = c->turns[i].content != NULL &&
               strstr(c->turns[i].content->data, moot__buf_text(&literal) + 1) != NULL;
    moot__buf_release(&literal);
    free(text);
    return held;
}

static void find_hidden(struct saw *s, struct moot_saw_call *c)
{
    c->hidden = s->hidden;
    for (size_t i = 0; i < s->count && s->list[i]->seq < c->call->seq; i++) {
        const struct moot_message *m = s->list[i];
        bool said = m->kind == MOOT_MSG && strcmp(m->from, s->agent) != 0;
        bool done =
            m->kind == MOOT_TOOL_RESULT && m->re_from != NULL && strcmp(m->re_from, s->agent) != 0;
        if ((said || done) && strcmp(m->conv, c->call->conv) == 0 && !holds(c, m))
            s->hidden[c->hidden_count++] = m;
    }
}

static void history_free(void *value)
{
    moot__history_release(value);
    free(value);
}

static struct moot_history *history_of(struct saw *s, const char *conv)
{
    struct moot_history *h = moot__map_get(&s->histories, conv);
    if (h != NULL)
        return h;
    h = calloc(1, sizeof(*h));
    if (h != NULL && moot__map_put(&s->histories, conv, h) != MOOT_OK) {
        free(h);
        h = NULL;
    }
    return h;
}

static int see(struct saw *s, const struct moot_message *call,
               int (*each)(void *arg, const struct moot_saw_call *c), void *arg,
               struct moot_error *err)
{
    struct moot_saw_call c = {.call = call};
    struct moot_think think = {0};
    struct moot_history *h = history_of(s, call->conv);
    struct moot_json *body = moot__json_new(MOOT_JSON_OBJECT);
    int status = h != NULL && body != NULL ? MOOT_OK : MOOT_ENOMEM;
    s->conv = call->conv;
    think.base = (uint32_t)moot__json_get_int(call->body, "base", 0);
    find_tools(s, &c);
    find_schema(s, &c);
    think.tools = c.tools;
    think.tool_count = c.tool_count;
    think.schema = c.schema;
    if (status == MOOT_OK)
        status =
            read_adds(s, moot__json_get(call->body, "add"), &think.adds, &think.add_count, err);
    if (status == MOOT_OK) {
        c.first_new = think.base != 0 ? h->count : 0;
        c.exact = find_model(s, h, &think, call);
        c.model = think.model;
        status = moot__history_extend(h, &think, call->n, find_named, s, body, err);
    }
    if (status == MOOT_OK) {
        /* What comes after is held against what was sent here. */
        moot__unhex(moot__json_get_text(call->body, "req", ""), h->req, MOOT_HASH_SIZE);
        c.turns = h->turns;
        c.count = h->count;
        c.reply = reply_to(s, call);
        find_hidden(s, &c);
        status = each(arg, &c);
    }
    free(think.adds);
    moot__json_free(body);
    return status;
}

static int no_such(const struct saw *s, struct moot_error *err)
{
    struct moot_map agents;
    struct moot_buf names;
    moot__map_init(&agents);
    moot__buf_init(&names, 4096);
    for (size_t i = 0; i < s->count; i++)
        if (s->list[i]->kind == MOOT_MODEL_CALL &&
            moot__map_get(&agents, s->list[i]->from) == NULL &&
            moot__map_put(&agents, s->list[i]->from, s->list[i]) == MOOT_OK)
            moot__buf_addf(&names, "%s%s", names.len > 0 ? ", " : "", s->list[i]->from);
    int status =
        moot__fail(err, MOOT_ENOTFOUND, "no agent '%s' asked a model in this run", s->agent);
    moot__fail_hint(err, names.len > 0 ? "there are: %s" : "nobody did%s", moot__buf_text(&names));
    moot__buf_release(&names);
    moot__map_release(&agents, NULL);
    return status;
}

int moot__saw_each(struct moot_book *book, const char *agent,
                   int (*each)(void *arg, const struct moot_saw_call *c), void *arg,
                   struct moot_error *err)
{
    struct saw s = {.agent = agent};
    size_t calls = 0;
    moot__map_init(&s.by_id);
    moot__map_init(&s.by_name);
    moot__map_init(&s.histories);
    int status = moot__book_each(book, keep, &s, err);
    s.hidden = calloc(s.count + 1, sizeof(*s.hidden));
    if (s.hidden == NULL)
        status = MOOT_ENOMEM;
    for (size_t i = 0; i < s.count && status == MOOT_OK; i++) {
        const struct moot_message *m = s.list[i];
        if (m->kind == MOOT_GENESIS || m->kind == MOOT_AMEND) {
            status = take_crew(&s, m);
        } else if (m->kind == MOOT_MODEL_CALL && strcmp(m->from, agent) == 0) {
            status = see(&s, m, each, arg, err);
            calls++;
        }
    }
    if (status == MOOT_ENOMEM)
        moot__fail(err, status, "out of memory");
    if (status == MOOT_OK && calls == 0)
        status = no_such(&s, err);
    for (size_t i = 0; i < s.count; i++)
        moot__message_unref(s.list[i]);
    free(s.list);
    free(s.hidden);
    moot__map_release(&s.by_id, NULL);
    moot__map_release(&s.by_name, NULL);
    moot__map_release(&s.histories, history_free);
    moot__crew_free(s.crew);
    return status;
}

static void write_member(struct moot_buf *out, const char *key, const char *text)
{
    if (text == NULL)
        return;
    moot__buf_addf(out, ",\"%s\":", key);
    moot__buf_add_json(out, text, strlen(text));
}

static void write_turn(const struct moot_turn *t, struct moot_buf *out)
{
    static const char *const roles[] = {[MOOT_SYSTEM] = "system",
                                        [MOOT_USER] = "user",
                                        [MOOT_ASSISTANT] = "assistant",
                                        [MOOT_TOOL] = "tool"};
    moot__buf_addf(out, "{\"role\":\"%s\"", roles[t->role]);
    if (t->content != NULL)
        moot__buf_addf(out, ",\"content\":%s", t->content->data);
    if (t->tool_calls != NULL)
        moot__buf_addf(out, ",\"tool_calls\":%s", t->tool_calls->data);
    if (t->tool_call_id != NULL)
        moot__buf_addf(out, ",\"tool_call_id\":%s", t->tool_call_id->data);
    moot__buf_addc(out, '}');
}

int moot__saw_write(const struct moot_saw_call *c, struct moot_buf *out)
{
    const struct moot_message *m = c->call;
    moot__buf_adds(out, "{\"conv\":");
    moot__buf_add_json(out, m->conv, strlen(m->conv));
    write_member(out, "agent", m->from);
    moot__buf_addf(out, ",\"n\":%u", m->n);
    write_member(out, "item", m->item);
    write_member(out, "task", m->task);
    write_member(out, "model", moot__json_get_text(m->body, "model", ""));
    moot__buf_adds(out, ",\"messages\":[");
    for (size_t i = 0; i < c->count; i++) {
        moot__buf_adds(out, i > 0 ? "," : "");
        write_turn(&c->turns[i], out);
    }
    moot__buf_addc(out, ']');
    for (size_t i = 0; i < c->tool_count; i++) {
        moot__buf_adds(out, i == 0 ? ",\"tools\":[{\"name\":" : ",{\"name\":");
        moot__buf_add_json(out, c->tools[i].name, strlen(c->tools[i].name));
        write_member(out, "description", c->tools[i].description);
        moot__buf_addf(out, ",\"parameters\":%s}%s", c->tools[i].parameters,
                       i + 1 == c->tool_count ? "]" : "");
    }
    write_member(out, "tool_choice", moot__json_get_text(m->body, "tool_choice", NULL));
    if (c->schema != NULL)
        moot__buf_addf(out, ",\"schema\":%s", c->schema);
    return moot__buf_addf(out, ",\"exact\":%s}", c->exact ? "true" : "false");
}
