/* Who takes part in a conversation: as many as its process is for, each with something to say, each
 * with a way to get the floor, and a first word. */
#include "roles/crew_checking.h"

#include "roles/crew_build.h"

enum { AUTO_REPLIES = 100 }; /* of a proxy that does not say how many */

static void say(struct moot_checking_crew *c, enum moot_severity severity,
                const struct moot_json *at, enum moot_yaml_part part, const char *suggestion,
                const char *message)
{
    moot__crew_say(&c->f->report, severity, c->f->yaml, at, part, suggestion, "%s", message);
}

static const char *process_of(const struct moot_checking_crew *c)
{
    return moot__json_get_text(c->crew, "process", "");
}

static bool is_process(const struct moot_checking_crew *c, const char *process)
{
    return strcmp(process_of(c), process) == 0;
}

static const char *id_of(const struct moot_json *agent)
{
    return moot__json_get_text(agent, "id", "");
}

static bool is_proxy(const struct moot_json *agent)
{
    return strcmp(moot__json_get_text(agent, "kind", "assistant"), "user_proxy") == 0;
}

/* ---- members: all agents but one that is the manager ---- */

static bool is_manager(const struct moot_checking_crew *c, const struct moot_json *agent)
{
    const char *manager = moot__json_text(moot__json_get(c->crew, "manager"));
    return manager != NULL && strcmp(manager, id_of(agent)) == 0;
}

static const struct moot_json *skip_manager(const struct moot_checking_crew *c,
                                            const struct moot_json *agent)
{
    return agent != NULL && is_manager(c, agent) ? moot__json_next(agent) : agent;
}

static const struct moot_json *first_member(const struct moot_checking_crew *c)
{
    return skip_manager(c, moot__json_first(moot__json_get(c->crew, "agents")));
}

static const struct moot_json *next_member(const struct moot_checking_crew *c,
                                           const struct moot_json *agent)
{
    return skip_manager(c, moot__json_next(agent));
}

/* False: there are too few or too many. */
static bool check_count(struct moot_checking_crew *c)
{
    const struct moot_json *agents = moot__json_get(c->crew, "agents");
    const struct moot_json *third = NULL;
    size_t count = 0;
    for (const struct moot_json *a = first_member(c); a != NULL; a = next_member(c, a))
        third = ++count == 3 ? a : third;
    bool pair = is_process(c, "pair");
    const struct moot_json *at = agents != NULL ? agents : moot__json_get(c->crew, "process");
    enum moot_yaml_part part = agents != NULL ? MOOT_PART_KEY : MOOT_PART_VALUE;
    if (count < 2 && pair)
        say(c, MOOT_SEVERITY_ERROR, at, part, "add who it talks with, or give one agent a task",
            "a pair is two agents");
    else if (third != NULL && pair)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, third, MOOT_PART_KEY,
                       "take process: group_chat", "a pair is two agents, and '%s' is the third",
                       id_of(third));
    else if (count < 2 && is_process(c, "group_chat"))
        say(c, MOOT_SEVERITY_ERROR, at, part,
            moot__json_text(moot__json_get(c->crew, "manager")) != NULL
                ? "its manager does not count"
                : "add who it talks with",
            "a group chat has two agents or more");
    else if (count < 2 && is_process(c, "swarm"))
        say(c, MOOT_SEVERITY_ERROR, at, part, "add whom it can hand over to",
            "a swarm has two agents or more");
    else if (count < 1)
        say(c, MOOT_SEVERITY_ERROR, at, part, "add agents", "nobody takes part in it");
    else
        return true;
    return false;
}

/* ---- what each can say ---- */

/* Whether its model has words to go by; the crew's goal is told to no one in a pair. */
static bool has_goal(const struct moot_checking_crew *c, const struct moot_json *proxy)
{
    return moot__json_get(proxy, "goal") != NULL ||
           moot__json_get(proxy, "system_message") != NULL ||
           (!is_process(c, "pair") && moot__json_get(c->crew, "goal") != NULL);
}

static bool asks_person(const struct moot_json *proxy)
{
    const char *usual = moot__json_get(proxy, "goal") != NULL ? "never" : "always";
    return strcmp(moot__json_get_text(proxy, "human_input", usual), "never") != 0;
}

/* Empty turns that are counted are meant: they only let the other one go on. */
static void check_proxy(struct moot_checking_crew *c, const struct moot_json *proxy)
{
    if (has_goal(c, proxy) || asks_person(proxy) ||
        moot__json_get_bool(proxy, "code_execution", false) ||
        moot__json_get_int(proxy, "max_auto_replies", AUTO_REPLIES) != AUTO_REPLIES)
        return;
    moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml, proxy, MOOT_PART_KEY,
                   "give it a goal, code_execution: true, or human_input: always",
                   "user proxy '%s' has no person, no goal and no code to run: its turns are empty",
                   id_of(proxy));
}

/* The keys that only a user proxy has. */
static void check_assistant(struct moot_checking_crew *c, const struct moot_json *agent)
{
    const struct moot_json *input = moot__json_get(agent, "human_input");
    if (input != NULL)
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, input, MOOT_PART_KEY,
                       "add a user proxy, or make it one: kind: user_proxy",
                       "agent '%s' is no user proxy, so it asks no person", id_of(agent));
}

/* ---- how each gets the floor ---- */

static bool names(const struct moot_json *list, const char *id)
{
    for (const struct moot_json *m = moot__json_first(list); m != NULL; m = moot__json_next(m))
        if (moot__json_text(m) != NULL && strcmp(moot__json_text(m), id) == 0)
            return true;
    return false;
}

/* Who begins: as roles/talk.h says. */
static const struct moot_json *beginner(const struct moot_checking_crew *c)
{
    const char *start = moot__json_get_text(c->crew, "start", "");
    const struct moot_json *proxy = NULL;
    for (const struct moot_json *a = first_member(c); a != NULL; a = next_member(c, a)) {
        if (strcmp(id_of(a), start) == 0)
            return a;
        if (proxy == NULL && is_proxy(a))
            proxy = a;
    }
    return proxy != NULL ? proxy : first_member(c);
}

/* Where words without a handoff go: as the process does. */
static bool gets_words(const struct moot_checking_crew *c, const struct moot_json *agent)
{
    const char *to = moot__json_get_text(moot__json_get(c->crew, "swarm"), "on_no_handoff", NULL);
    if (to != NULL)
        return strcmp(to, id_of(agent)) == 0;
    const struct moot_json *a = first_member(c);
    while (a != NULL && !is_proxy(a))
        a = next_member(c, a);
    return a == agent;
}

static bool is_handed_to(const struct moot_checking_crew *c, const struct moot_json *agent)
{
    for (const struct moot_json *a = first_member(c); a != NULL; a = next_member(c, a)) {
        const struct moot_json *whom = moot__json_get(a, "can_message");
        if (a != agent && (whom == NULL || names(whom, id_of(agent))))
            return true;
    }
    return false;
}

static void check_handoffs(struct moot_checking_crew *c)
{
    for (const struct moot_json *a = first_member(c); a != NULL; a = next_member(c, a))
        if (a != beginner(c) && !gets_words(c, a) && !is_handed_to(c, a))
            moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml, a, MOOT_PART_KEY,
                           "add it to somebody's can_message",
                           "'%s' never speaks: nobody may hand over to it", id_of(a));
}

/* can_message binds handoffs, and questions to other agents. */
static void check_addressed(struct moot_checking_crew *c, const struct moot_json *agent)
{
    const struct moot_json *whom = moot__json_get(agent, "can_message");
    if (whom == NULL || names(moot__json_get(agent, "tools"), "ask_agent"))
        return;
    moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml, whom, MOOT_PART_KEY,
                   is_process(c, "group_chat") ? "say it by group_chat: {transitions: …}"
                                               : "leave it out",
                   "'can_message' binds handoffs, and a %s has none", process_of(c));
}

/* ---- how it begins ---- */

static void check_beginning(struct moot_checking_crew *c)
{
    static const char *const words[] = {"goal", "backstory", "system_message"};
    const struct moot_json *start = moot__json_get(c->crew, "start");
    const struct moot_json *first = beginner(c);
    const char *named = moot__json_text(start);
    if (named != NULL && is_manager(c, moot__crew_entry(c->crew, "agents", named)))
        moot__crew_say(&c->f->report, MOOT_SEVERITY_ERROR, c->f->yaml, start, MOOT_PART_VALUE,
                       "name who speaks first", "'%s' is the manager, who takes no turns", named);
    bool told = moot__json_get(c->crew, "opening") != NULL ||
                (!is_process(c, "pair") && moot__json_get(c->crew, "goal") != NULL);
    for (size_t i = 0; i < MOOT_COUNT(words); i++)
        told = told || moot__json_get(first, words[i]) != NULL;
    if (!told && first != NULL && !is_proxy(first))
        moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml,
                       moot__json_get(c->crew, "process"), MOOT_PART_VALUE,
                       "add opening: \"{question}\"",
                       "'%s' speaks first, and nothing says what about", id_of(first));
}

/* A manager that is never asked. */
static void check_manager(struct moot_checking_crew *c)
{
    const struct moot_json *manager = moot__json_get(c->crew, "manager");
    const char *summary = moot__json_get_text(moot__json_get(c->crew, "pair"), "summary", "");
    if (strcmp(summary, "reflect") == 0)
        return;
    if (manager != NULL && (is_process(c, "pair") || is_process(c, "swarm")))
        moot__crew_say(&c->f->report, MOOT_SEVERITY_WARNING, c->f->yaml, manager, MOOT_PART_KEY,
                       "leave it out", "the manager of a %s asks no model: %s", process_of(c),
                       is_process(c, "pair") ? "the two take turns"
                                             : "who has the floor hands it on");
}

/* Keys of conversations in a crew that works tasks, and the other way round. */
static void check_place(struct moot_checking_crew *c, bool talks)
{
    static const char *const keys[] = {"opening", "start"};
    const struct moot_json *tasks = moot__json_get(c->crew, "tasks");
    char message[96];
    if (talks && moot__json_count(tasks) > 0) {
        snprintf(message, sizeof(message), "nobody works tasks in a %s", process_of(c));
        say(c, MOOT_SEVERITY_ERROR, tasks, MOOT_PART_KEY,
            "say it in opening, or take process: sequential or graph", message);
    }
    for (size_t i = 0; !talks && i < MOOT_COUNT(keys); i++) {
        snprintf(message, sizeof(message),
                 "'%s' is of conversations, but the crew's process is '%s'", keys[i],
                 process_of(c));
        if (moot__json_get(c->crew, keys[i]) != NULL)
            say(c, MOOT_SEVERITY_ERROR, moot__json_get(c->crew, keys[i]), MOOT_PART_KEY,
                i == 0 ? "write it in a task's prompt"
                       : "the order of tasks is that of their needs",
                message);
    }
}

/* A user proxy once, however many tasks it talks out. */
static void check_chats(struct moot_checking_crew *c)
{
    const struct moot_json *agent = moot__json_first(moot__json_get(c->crew, "agents"));
    for (; agent != NULL; agent = moot__json_next(agent)) {
        bool chats = false;
        for (size_t i = 0; i < c->task_count && is_proxy(agent); i++) {
            const struct moot_json *chat = moot__json_get(c->tasks[i].entry, "chat");
            chats = chats || strcmp(moot__json_get_text(chat, "user_proxy", ""), id_of(agent)) == 0;
        }
        if (chats)
            check_proxy(c, agent);
    }
}

void moot__crew_check_members(struct moot_checking_crew *c)
{
    bool talks = moot__crew_talks(process_of(c));
    const struct moot_json *agent = moot__json_first(moot__json_get(c->crew, "agents"));
    for (; agent != NULL; agent = moot__json_next(agent))
        if (!is_proxy(agent))
            check_assistant(c, agent);
    check_place(c, talks);
    check_chats(c);
    if (!talks)
        return;
    check_manager(c);
    if (check_count(c))
        check_beginning(c);
    for (const struct moot_json *a = first_member(c); a != NULL; a = next_member(c, a)) {
        if (is_proxy(a))
            check_proxy(c, a);
        if (!is_process(c, "swarm"))
            check_addressed(c, a);
    }
    if (is_process(c, "swarm") && !c->refs_missing)
        check_handoffs(c);
}
