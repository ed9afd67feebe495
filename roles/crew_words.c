#include "roles/crew_fields.h"

/* clang-format off */
static const struct moot_builtin builtins[] = {
    {"read_page", false, "url", "the text of a web page"},
    {"send_email", false, "to subject body", "an e-mail"},
    {"read_file", false, "path", "the text of a file in the workspace"},
    {"write_file", false, "path text", "a file in the workspace"},
    {"list_files", false, "?path", "the files of the workspace"},
    {"browse_site", true, "url", "several pages of a site"},
    {"search_web", true, "query", "a search"},
    {"run_code", false, "language code ?filename", "code in the sandbox"},
    {"run_tests", false, "", "the workspace's tests"},
    {"python", false, "code", "Python in the sandbox"},
    {"shell", false, "command", "a shell in the sandbox"},
    {"sqlite", true, NULL, "a statement with bound parameters"},
    {"ask_agent", false, "agent question",
     "a question to another agent of the crew, no user proxy; it answers in a conversation of its "
     "own, of which only the answer leaves"},
    {"crew", true, NULL, "another crew"},
    {"watch", true, "path why", "be told of changes"},
};

/* Only the framework calls these; an entry of `tools` cannot take their names. */
static const char *const internals[] = {"check_file", "check_command", "publish"};

#define CREWAI "CrewAI's word"
#define AUTOGEN "AutoGen's word"
#define ADK "Google ADK's word"
#define OTHERS "a word of other frameworks"

static const struct moot_foreign foreigns[] = {
    {"llm", CREWAI, NULL, "model", NULL},
    {"llm_config", AUTOGEN, NULL, "model", NULL},
    {"description", CREWAI, "task step", "prompt", NULL},
    {"context", CREWAI, "task", "needs", NULL},
    {"instruction", ADK, NULL, "system_message", NULL},
    {"instructions", OTHERS, NULL, "system_message", NULL},
    {"max_iter", CREWAI, NULL, "max_steps", NULL},
    {"allow_delegation", CREWAI, NULL, "can_delegate_to", NULL},
    {"sub_agents", ADK, NULL, "can_delegate_to", NULL},
    {"guardrail", CREWAI, NULL, "check", NULL},
    {"guardrail_max_retries", CREWAI, NULL, "attempts", NULL},
    {"output_json", CREWAI, NULL, "output", NULL},
    {"output_pydantic", CREWAI, NULL, "output", NULL},
    {"async_execution", CREWAI, NULL, NULL, "here 'needs' decides what runs at once"},
    {"human_input", CREWAI, "task", "review", NULL},
    {"manager_llm", CREWAI, NULL, "manager", NULL},
    {"manager_agent", CREWAI, NULL, "manager", NULL},
    {"inputs", CREWAI, NULL, "input", NULL},
    {"speaker_selection_method", AUTOGEN, NULL, "next_speaker", NULL},
    {"allowed_or_disallowed_speaker_transitions", AUTOGEN, NULL, "transitions", NULL},
    {"max_consecutive_auto_reply", AUTOGEN, NULL, "max_auto_replies", NULL},
    {"is_termination_msg", AUTOGEN, NULL, "termination", NULL},
    {"termination_condition", AUTOGEN, NULL, "termination", NULL},
    {"human_input_mode", AUTOGEN, NULL, "human_input", NULL},
    {"code_execution_config", AUTOGEN, NULL, "code_execution", NULL},
    {"max_round", AUTOGEN, NULL, "termination.max_messages", NULL},
    {"max_turns", AUTOGEN, NULL, "termination.max_messages", NULL},
    {"toolsets", OTHERS, NULL, "tools", NULL},
    {"participants", AUTOGEN, NULL, "agents", NULL},
    {"budget", OTHERS, NULL, "limits", NULL},
    {"memory", CREWAI, "crew agent task", NULL, "it is not here yet"},
    {"knowledge", CREWAI, "crew agent task", NULL, "it is not here yet"},
};
/* clang-format on */

const struct moot_builtin *moot__crew_builtins(size_t *count)
{
    *count = MOOT_COUNT(builtins);
    return builtins;
}

const struct moot_builtin *moot__crew_builtin(const char *name)
{
    for (size_t i = 0; i < MOOT_COUNT(builtins); i++)
        if (strcmp(builtins[i].name, name) == 0)
            return &builtins[i];
    return NULL;
}

const struct moot_foreign *moot__crew_foreigns(size_t *count)
{
    *count = MOOT_COUNT(foreigns);
    return foreigns;
}

/* Whether a list of words separated by spaces has that one. */
static bool has_word(const char *words, const char *word)
{
    bool later;
    struct moot_form form = {MOOT_G_WORD, words};
    return moot__crew_word(&form, word, &later);
}

const struct moot_foreign *moot__crew_foreign(const char *table, const char *word)
{
    for (size_t i = 0; i < MOOT_COUNT(foreigns); i++)
        if (strcmp(foreigns[i].word, word) == 0 &&
            (foreigns[i].tables == NULL || has_word(foreigns[i].tables, table)))
            return &foreigns[i];
    return NULL;
}

/* Ids stand in the same places as the words of a form of this grammar. */
static enum moot_grammar grammar_of(const char *table)
{
    static const struct {
        const char *table;
        enum moot_grammar grammar;
    } kinds[] = {{"agents", MOOT_G_AGENT},
                 {"tasks", MOOT_G_TASK},
                 {"tools", MOOT_G_TOOL},
                 {"people", MOOT_G_PERSON}};
    for (size_t i = 0; i < MOOT_COUNT(kinds); i++)
        if (strcmp(kinds[i].table, table) == 0)
            return kinds[i].grammar;
    return MOOT_G_NONE;
}

/* A form's words and its other forms' ids share one place: `needs: previous`. */
static bool field_reserves(const struct moot_field *f, enum moot_grammar g, const char *id)
{
    bool later;
    bool ids = f->scalar.grammar == g || f->list.grammar == g;
    return ids &&
           (moot__crew_word(&f->scalar, id, &later) || moot__crew_word(&f->list, id, &later));
}

bool moot__crew_reserved(const char *table, const char *id)
{
    /* what a placeholder or an expression may begin with, and what an expression is made of */
    static const char first_words[] = "item items crew report attempt output_file and or not in "
                                      "contains matches count empty true false";
    enum moot_grammar g = grammar_of(table);
    if (g == MOOT_G_NONE)
        return false;
    /* who else takes part in a run: managers are called as their process */
    static const char participants[] = "host person model runner sequential graph pair group_chat "
                                       "swarm ledger hierarchical consensual supervisor";
    if (g == MOOT_G_TASK && has_word(first_words, id))
        return true;
    if (g == MOOT_G_AGENT && has_word(participants, id))
        return true;
    if (g == MOOT_G_TOOL) {
        for (size_t i = 0; i < MOOT_COUNT(internals); i++)
            if (strcmp(internals[i], id) == 0)
                return true;
        if (strcmp(id, "form") == 0)
            return true;
    }
    size_t count;
    const struct moot_table *all = moot__crew_tables(&count);
    for (size_t t = 0; t < count; t++)
        for (size_t i = 0; i < all[t].count; i++)
            if (field_reserves(&all[t].fields[i], g, id))
                return true;
    return false;
}
