#include "agents/react.h"

#include "runtime/utf8.h"

const char *const moot__react_stop[] = {"Observation:", NULL};

const char moot__react_feedback[] =
    "That is not in the form. Write either\n"
    "Thought: …\nAction: the name of one tool\nAction Input: its arguments, as one JSON object\n"
    "or\n"
    "Thought: …\nFinal Answer: the answer";

int moot__react_prompt(const struct moot_tool_view *tools, size_t count, struct moot_buf *out)
{
    moot__buf_adds(out, "You can use these tools:\n");
    for (size_t i = 0; i < count; i++)
        moot__buf_addf(out, "\n%s%s%s\n  arguments, by JSON Schema: %s\n", tools[i].name,
                       tools[i].description[0] != '\0' ? ": " : "", tools[i].description,
                       tools[i].parameters);
    return moot__buf_adds(
        out, "\nAnswer in this form, and in no other:\n\n"
             "Thought: what you think\n"
             "Action: the name of one tool\n"
             "Action Input: its arguments, as one JSON object\n\n"
             "Then stop. The result is given to you as\n\n"
             "Observation: the result\n\n"
             "and you go on in the same form. Never write an observation yourself. When you know "
             "the answer, or need no tool:\n\n"
             "Thought: what you think\n"
             "Final Answer: the answer");
}

static int put_behind(struct moot_add *add, const char *words)
{
    struct moot_buf both;
    moot__buf_init(&both, MOOT_MAX_BODY);
    moot__buf_addf(&both, "%s\n\n%s", add->text, words);
    char *text = both.status == MOOT_OK ? moot__buf_take(&both) : NULL;
    int status = text != NULL ? MOOT_OK : both.status != MOOT_OK ? both.status : MOOT_ENOMEM;
    moot__buf_release(&both);
    if (status != MOOT_OK)
        return status;
    free(add->text);
    add->text = text;
    return MOOT_OK;
}

static int put_before(struct moot_think *think, size_t place, const char *words)
{
    struct moot_add *adds = realloc(think->adds, (think->add_count + 1) * sizeof(*adds));
    if (adds == NULL)
        return MOOT_ENOMEM;
    think->adds = adds;
    char *text = moot__copy(words, strlen(words));
    if (text == NULL)
        return MOOT_ENOMEM;
    memmove(&adds[place + 1], &adds[place], (think->add_count - place) * sizeof(*adds));
    adds[place] =
        (struct moot_add){.role = think->base == 0 ? MOOT_ADD_SYSTEM : MOOT_ADD_USER, .text = text};
    think->add_count++;
    return MOOT_OK;
}

int moot__react_tell(struct moot_think *think, size_t place, const struct moot_tool_view *tools,
                     size_t count)
{
    struct moot_buf words;
    moot__buf_init(&words, MOOT_MAX_BODY);
    int status = moot__react_prompt(tools, count, &words);
    if (status == MOOT_OK) {
        bool system = think->base == 0 && think->add_count > place &&
                      think->adds[place].role == MOOT_ADD_SYSTEM && think->adds[place].text != NULL;
        status = system ? put_behind(&think->adds[place], moot__buf_text(&words))
                        : put_before(think, place, moot__buf_text(&words));
    }
    moot__buf_release(&words);
    return status;
}

/* ---- reading ---- */

enum label { NONE, THOUGHT, ACTION, INPUT, OBSERVATION, ANSWER };

static const struct {
    const char *words;
    enum label label;
} labels[] = {
    {"thought", THOUGHT},         {"action input", INPUT},  {"action", ACTION},
    {"observation", OBSERVATION}, {"final answer", ANSWER},
};

/* Models write labels in bold, or as headings. */
static const char *skip_marks(const char *at)
{
    return at + strspn(at, " \t*#_>");
}

static bool begins_with(const char *at, const char *words, const char **after)
{
    for (; *words != '\0'; at++, words++)
        if ((*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at) != *words)
            return false;
    *after = at;
    return true;
}

/* The label that a line begins with; *after: what stands behind it. */
static enum label label_of(const char *line, const char **after)
{
    const char *at = skip_marks(line);
    for (size_t i = 0; i < MOOT_COUNT(labels); i++) {
        const char *end = NULL;
        if (!begins_with(at, labels[i].words, &end))
            continue;
        end += strspn(end, "*_");
        if (*end != ':')
            continue;
        end++;
        *after = end + strspn(end, "*_");
        return labels[i].label;
    }
    return NONE;
}

static const char *next_line(const char *at)
{
    const char *end = strchr(at, '\n');
    return end == NULL ? at + strlen(at) : end + 1;
}

/* Where what begins at `at` ends: before the next label, or at the end. */
static const char *end_of(const char *at)
{
    const char *after = NULL;
    for (at = next_line(at); *at != '\0'; at = next_line(at))
        if (label_of(at, &after) != NONE)
            break;
    return at;
}

static char *trimmed(const char *from, const char *to)
{
    while (from < to && strchr(" \t\r\n", *from) != NULL)
        from++;
    while (to > from && strchr(" \t\r\n", to[-1]) != NULL)
        to--;
    return moot__copy(from, (size_t)(to - from));
}

/* A name without what stands round it: `look`, "look", look(), look. */
static char *name_of(const char *from, const char *to)
{
    while (from < to && strchr(" \t\r\n`'\"*", *from) != NULL)
        from++;
    const char *end = from;
    while (end < to && strchr(" \t\r\n`'\"*(.,;", *end) == NULL)
        end++;
    return moot__copy(from, (size_t)(end - from));
}

/* Arguments without a fence round them. */
static char *input_of(const char *from, const char *to)
{
    char *text = trimmed(from, to);
    if (text == NULL || strncmp(text, "```", 3) != 0)
        return text;
    const char *begin = next_line(text);
    const char *end = strstr(begin, "```");
    char *inner = trimmed(begin, end != NULL ? end : begin + strlen(begin));
    free(text);
    return inner;
}

/* Whether a name says that nothing is to be done. */
static bool is_none(const char *name)
{
    return name[0] == '\0' || (strlen(name) == 4 && moot__ascii_same(name, "none", 4));
}

static int take_call(const char *after, struct moot_react *out)
{
    const char *end = end_of(after);
    out->tool = name_of(after, end);
    if (out->tool == NULL)
        return MOOT_ENOMEM;
    const char *input = NULL;
    bool has = label_of(end, &input) == INPUT;
    out->text = has ? input_of(input, end_of(input)) : moot__copy("", 0);
    if (out->text == NULL)
        return MOOT_ENOMEM;
    out->kind = MOOT_REACT_CALL;
    return MOOT_OK;
}

/* The first thing that it does or answers counts: what comes after a call, or after a result that
 * it made up, it cannot know. */
int moot__react_parse(const char *reply, struct moot_react *out)
{
    bool labelled = false;
    memset(out, 0, sizeof(*out));
    for (const char *line = reply; *line != '\0'; line = next_line(line)) {
        const char *after = NULL;
        enum label label = label_of(line, &after);
        labelled = labelled || label != NONE;
        if (label == OBSERVATION)
            break;
        if (label == ANSWER) {
            out->kind = MOOT_REACT_ANSWER;
            out->text = trimmed(after, end_of(after));
            return out->text == NULL ? MOOT_ENOMEM : MOOT_OK;
        }
        if (label != ACTION)
            continue;
        int rc = take_call(after, out);
        if (rc != MOOT_OK || !is_none(out->tool))
            return rc;
        moot__react_release(out);
    }
    out->kind = labelled ? MOOT_REACT_BAD : MOOT_REACT_PLAIN;
    return MOOT_OK;
}

void moot__react_release(struct moot_react *r)
{
    free(r->tool);
    free(r->text);
    memset(r, 0, sizeof(*r));
}
