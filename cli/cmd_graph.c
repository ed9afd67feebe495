/* moot graph: a crew as a picture, in the languages of Mermaid and Graphviz. */
#include "cli/commands.h"
#include "cli/crewfile.h"
#include "cli/session.h"
#include "roles/crew.h"

enum { GRAPH_MAX = 4 * 1024 * 1024 };

/* Text inside quotes of a diagram: what could end them or mean something becomes an entity. */
static void add_label(struct moot_buf *out, const char *text, bool dot)
{
    for (; *text != '\0'; text++) {
        if (*text == '"')
            moot__buf_adds(out, dot ? "\\\"" : "#quot;");
        else if (*text == '\\')
            moot__buf_adds(out, dot ? "\\\\" : "\\");
        else if (!dot && (*text == '<' || *text == '>'))
            moot__buf_adds(out, *text == '<' ? "#lt;" : "#gt;");
        else if (*text == '\n')
            moot__buf_addc(out, ' ');
        else
            moot__buf_addc(out, *text);
    }
}

/* An id that no word of the language can be: "t_" before it, and '-' as "_". */
static void add_id(struct moot_buf *out, const char *id)
{
    moot__buf_adds(out, "t_");
    for (; *id != '\0'; id++) {
        char c = *id;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        moot__buf_addc(out, plain ? c : '_');
    }
}

/* Who works a task: "analyst", the two that talk it out, or the tool or program that is run. */
static void add_worker(struct moot_buf *out, const struct moot_json *task, bool dot)
{
    const char *tool = moot__json_get_text(task, "tool", NULL);
    const struct moot_json *command = moot__json_get(task, "command");
    const struct moot_json *chat = moot__json_get(task, "chat");
    const char *agent =
        moot__json_get_text(chat, "expert", moot__json_get_text(task, "agent", NULL));
    moot__buf_adds(out, dot ? "\\n" : "<br/>");
    if (tool != NULL)
        add_label(out, tool, dot);
    else if (command != NULL)
        add_label(out, moot__json_text(moot__json_at(command, 0)), dot);
    else
        add_label(out, agent != NULL ? agent : "assistant", dot);
    if (chat != NULL) {
        moot__buf_adds(out, " ⇄ ");
        add_label(out, moot__json_get_text(chat, "user_proxy", ""), dot);
    }
}

static bool is_tool(const struct moot_json *task)
{
    return moot__json_get(task, "tool") != NULL || moot__json_get(task, "command") != NULL;
}

static void node(struct moot_buf *out, const struct moot_json *task, bool dot)
{
    const char *id = moot__json_get_text(task, "id", "");
    moot__buf_adds(out, "  ");
    add_id(out, id);
    moot__buf_adds(out, dot ? " [label=\"" : is_tool(task) ? "{{\"" : "[\"");
    add_label(out, id, dot);
    add_worker(out, task, dot);
    if (dot)
        moot__buf_addf(out, "\"%s];\n", is_tool(task) ? ", shape=hexagon" : "");
    else
        moot__buf_adds(out, is_tool(task) ? "\"}}\n" : "\"]\n");
}

static void edge(struct moot_buf *out, const char *from, const char *to, bool dot)
{
    moot__buf_adds(out, "  ");
    if (from != NULL)
        add_id(out, from);
    else
        moot__buf_adds(out, "item");
    moot__buf_adds(out, dot ? " -> " : " --> ");
    add_id(out, to);
    moot__buf_adds(out, dot ? ";\n" : "\n");
}

static const char *judge_of(const struct moot_json *task)
{
    const struct moot_json *check = moot__json_first(moot__json_get(task, "check"));
    const char *judge = NULL;
    for (; check != NULL && judge == NULL; check = moot__json_next(check))
        judge = moot__json_get_text(check, "judge", NULL);
    return judge;
}

/* Where a rejected result goes back to. */
static void back_edge(struct moot_buf *out, const struct moot_json *task, bool dot)
{
    const char *id = moot__json_get_text(task, "id", "");
    const char *judge = judge_of(task);
    int64_t attempts = moot__json_get_int(task, "attempts", 2);
    if (moot__json_count(moot__json_get(task, "check")) == 0 || attempts < 2)
        return;
    moot__buf_adds(out, "  ");
    add_id(out, id);
    moot__buf_adds(out, dot ? " -> " : " -. \"");
    if (dot) {
        add_id(out, moot__json_get_text(task, "on_reject", id));
        moot__buf_adds(out, " [style=dashed, label=\"");
    }
    moot__buf_adds(out, "not yet: ");
    add_label(out, judge != NULL ? judge : "checks", dot);
    moot__buf_addf(out, ", %lld attempts", (long long)attempts);
    moot__buf_adds(out, dot ? "\"];\n" : "\" .-> ");
    if (!dot) {
        add_id(out, moot__json_get_text(task, "on_reject", id));
        moot__buf_addc(out, '\n');
    }
}

static void draw(struct moot_buf *out, const struct moot_json *crew, bool dot)
{
    const struct moot_json *tasks = moot__json_get(crew, "tasks");
    const char *item = moot__json_get_text(moot__json_get(crew, "input"), "name", "input");
    if (dot) {
        moot__buf_adds(out, "digraph \"");
        add_label(out, moot__json_get_text(crew, "crew", "crew"), true);
        moot__buf_adds(out, "\" {\n  node [shape=box, fontname=\"sans-serif\"];\n  item [label=\"");
        add_label(out, item, true);
        moot__buf_adds(out, "\", shape=ellipse];\n");
    } else {
        moot__buf_adds(out, "flowchart TD\n  item([\"");
        add_label(out, item, false);
        moot__buf_adds(out, "\"])\n");
    }
    const struct moot_json *task;
    for (task = moot__json_first(tasks); task != NULL; task = moot__json_next(task))
        node(out, task, dot);
    for (task = moot__json_first(tasks); task != NULL; task = moot__json_next(task)) {
        const char *id = moot__json_get_text(task, "id", "");
        const struct moot_json *need = moot__json_first(moot__json_get(task, "needs"));
        if (need == NULL)
            edge(out, NULL, id, dot);
        for (; need != NULL; need = moot__json_next(need))
            edge(out, moot__json_text(need), id, dot);
        back_edge(out, task, dot);
    }
    if (dot)
        moot__buf_adds(out, "}\n");
}

/* {TASK: {input: SCHEMA, output: SCHEMA or null}, …}. */
static int print_schemas(struct moot_cli *cli, struct moot_crewfile *file)
{
    struct moot_crew *crew = NULL;
    struct moot_error err = {0};
    struct moot_buf text;
    struct moot_json *all = moot__json_new(MOOT_JSON_OBJECT);
    int status = moot__crew_build(moot__json_copy(file->file->resolved), file->dir, "1970-01-01",
                                  moot__getenv, &crew, &err);
    moot__buf_init(&text, GRAPH_MAX);
    for (size_t i = 0; status == MOOT_OK && i < crew->def.task_count; i++) {
        const struct moot_task_def *task = &crew->def.tasks[i];
        struct moot_json *both = moot__json_new(MOOT_JSON_OBJECT);
        struct moot_json *output = NULL;
        const char *asked = task->output.ask_text;
        if (asked != NULL)
            moot__json_parse(asked, strlen(asked), &output, NULL);
        moot__json_set(both, "input", moot__crew_input_schema(&crew->def, task));
        moot__json_set(both, "output", output != NULL ? output : moot__json_new(MOOT_JSON_NULL));
        if (moot__json_set(all, task->id, both) != MOOT_OK)
            status = moot__fail(&err, MOOT_ENOMEM, "out of memory");
    }
    if (status == MOOT_OK && moot__json_write_pretty(all, &text) == MOOT_OK)
        fprintf(cli->out, "%s\n", moot__buf_text(&text));
    moot__buf_release(&text);
    moot__crew_free(crew);
    moot__json_free(all);
    return status == MOOT_OK ? MOOT_EXIT_DONE : moot__report(cli, &err);
}

static int graph_run(struct moot_cli *cli, const struct moot_args *args)
{
    struct moot_crewfile crew;
    struct moot_buf out;
    int code = moot__crewfile_open(cli, args, moot__word(args, 0), NULL, &crew);
    if (code != MOOT_EXIT_DONE)
        return code;
    moot__buf_init(&out, GRAPH_MAX);
    if (moot__flag(args, "schemas"))
        code = print_schemas(cli, &crew);
    else
        draw(&out, crew.file->resolved, moot__flag(args, "dot"));
    fputs(moot__buf_text(&out), cli->out);
    moot__buf_release(&out);
    moot__crewfile_release(&crew);
    return code;
}

static const struct moot_option options[] = {
    {"dot", 0, NULL, "in the language of Graphviz", 0},
    {"schemas", 0, NULL, "what each task is given and what it must produce, as JSON Schema", 0},
    {NULL, 0, NULL, NULL, 0},
};

const struct moot_command moot__cmd_graph = {
    .name = "graph",
    .args = "CREW",
    .help = "a picture of a crew",
    .more = "In the language of Mermaid, which many Markdown viewers draw.",
    .example = "moot graph crew.yaml\nmoot graph crew.yaml --dot | dot -Tsvg >crew.svg",
    .options = options,
    .group = MOOT_GROUP_LOOK,
    .min_words = 1,
    .max_words = 1,
    .complete = MOOT_COMPLETE_CREW,
    .run = graph_run,
};
