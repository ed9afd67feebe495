#include "cli/pair_crew.h"

#include <ctype.h>

/* Prose as a block, indented by six. */
static void add_block(struct moot_buf *out, const char *text)
{
    moot__buf_adds(out, "|\n");
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        if (len > 0)
            moot__buf_addf(out, "      %.*s\n", (int)len, text);
        else
            moot__buf_addc(out, '\n');
        text += len + (text[len] == '\n');
    }
}

/* "a,b , c" as words. */
static void add_tools(struct moot_buf *out, const char *tools)
{
    bool any = false;
    while (*tools != '\0') {
        size_t len = strcspn(tools, ", ");
        if (len > 0)
            moot__buf_addf(out, "%s\"%.*s\"", any ? ", " : "", (int)len, tools);
        any = any || len > 0;
        tools += len + strspn(tools + len, ", ");
    }
}

/* Whether what is named works in a workspace: files, code, tests. */
static bool needs_place(const char *tools)
{
    static const char *const names[] = {"file", "run_", "python", "shell"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++)
        if (strstr(tools, names[i]) != NULL)
            return true;
    return false;
}

static void add_quoted(struct moot_buf *out, const char *before, const char *text)
{
    moot__buf_adds(out, before);
    moot__buf_add_json(out, text, strlen(text));
    moot__buf_addc(out, '\n');
}

static void add_coder(const struct moot_pair *p, const char *tools, struct moot_buf *out)
{
    const char *place = p->workspace;
    moot__buf_adds(out,
                   "  coder:\n"
                   "    kind: assistant\n"
                   "    role: Assistant\n"
                   "    backstory: |\n"
                   "      You do what you are asked, with your tools where you have them, and "
                   "report what you\n"
                   "      did in a few sentences. You do not guess what else may be wanted.\n");
    if (p->coder_model != NULL)
        moot__buf_adds(out, "    model: coder\n");
    if (tools[0] != '\0') {
        moot__buf_adds(out, "    tools: [");
        add_tools(out, tools);
        moot__buf_adds(out, "]\n");
    }
    if (place == NULL && needs_place(tools))
        place = "workspace";
    if (place != NULL)
        add_quoted(out, "    workspace: ", place);
}

int moot__pair_crew(const struct moot_pair *p, struct moot_buf *out, struct moot_error *err)
{
    const char *goal = p->goal;
    const char *tools = p->tools != NULL ? p->tools : "";
    while (isspace((unsigned char)*goal))
        goal++;
    if (*goal == '\0')
        return moot__fail(err, MOOT_EUSAGE, "--goal says nothing");
    moot__buf_adds(out, "crew: pair\n");
    if (p->model != NULL || p->coder_model != NULL)
        moot__buf_adds(out, "models:\n");
    if (p->model != NULL)
        add_quoted(out, "  default: ", p->model);
    if (p->coder_model != NULL)
        add_quoted(out, "  coder: ", p->coder_model);
    moot__buf_adds(out, "process: pair\n"
                        "agents:\n"
                        "  user:                                   # knows the goal, and no tool\n"
                        "    kind: user_proxy\n"
                        "    goal: ");
    add_block(out, goal);
    add_coder(p, tools, out);
    moot__buf_addf(out, "limits: {turns: %lld}\n", (long long)p->turns);
    return out->status == MOOT_OK ? MOOT_OK : moot__fail(err, out->status, "out of memory");
}
