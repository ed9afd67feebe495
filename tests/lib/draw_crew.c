#include "tests/lib/draw_crew.h"

#include "runtime/buf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *const ids[DRAW_AGENTS] = {"ann", "bob", "cid", "dora"};
static const char *const processes[DRAW_PROCESSES] = {"pair", "group_chat", "swarm", "ledger"};

enum { STEPS = 9 }; /* replies drawn for each agent; then the same one for ever */

/* ---- drawing ---- */

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

static uint64_t draw(struct draw_crew *c, uint64_t below)
{
    c->state += 0x9E3779B97F4A7C15ULL;
    return mix(c->state) % below;
}

static bool one_in(struct draw_crew *c, uint64_t n)
{
    return draw(c, n) == 0;
}

static const char *pick(struct draw_crew *c, const char *const *from, size_t count)
{
    return from[draw(c, count)];
}

#define PICK(c, list) pick(c, list, MOOT_COUNT(list))

static const char *agent(struct draw_crew *c)
{
    return ids[draw(c, c->agents)];
}

/* ---- the crew ---- */

static void add_list(struct draw_crew *c, struct moot_buf *out, bool *chosen, bool may_be_empty)
{
    size_t forced = draw(c, c->agents);
    const char *comma = "";
    moot__buf_adds(out, "[");
    for (size_t i = 0; i < c->agents; i++) {
        chosen[i] = one_in(c, 2) || (!may_be_empty && i == forced);
        if (chosen[i])
            moot__buf_addf(out, "%s%s", comma, ids[i]);
        comma = chosen[i] ? ", " : comma;
    }
    moot__buf_adds(out, "]");
}

static void add_proxy(struct draw_crew *c, struct moot_buf *out)
{
    static const char *const inputs[] = {"always", "terminate", "never"};
    const char *input = PICK(c, inputs);
    moot__buf_addf(out, "{kind: user_proxy, human_input: %s, max_auto_replies: %d", input,
                   (int)draw(c, 4));
    if (strcmp(input, "never") == 0 || one_in(c, 2))
        moot__buf_adds(out, ", goal: All is said.");
}

static void add_agents(struct draw_crew *c, struct moot_buf *out)
{
    c->agents = c->process == DRAW_PAIR ? 2 : 2 + draw(c, 3);
    c->proxy = one_in(c, 2) ? draw(c, c->agents) : DRAW_AGENTS;
    moot__buf_adds(out, "agents:\n");
    for (size_t i = 0; i < c->agents; i++) {
        moot__buf_addf(out, "  %s: ", ids[i]);
        if (i == c->proxy)
            add_proxy(c, out);
        else
            moot__buf_addf(out, "{role: Member, max_steps: %d%s%s", 1 + (int)draw(c, 3),
                           one_in(c, 5) ? ", plan: true" : "",
                           one_in(c, 2) ? ", tools: [list_files, read_file], workspace: work" : "");
        if (c->process == DRAW_SWARM && one_in(c, 3)) {
            c->can_given[i] = true;
            moot__buf_adds(out, ", can_message: ");
            add_list(c, out, c->can[i], false);
        }
        moot__buf_adds(out, "}\n");
    }
}

static void add_condition(struct draw_crew *c, struct moot_buf *out)
{
    switch (draw(c, 5)) {
    case 0:
        moot__buf_addf(out, "{max_messages: %d}", 1 + (int)draw(c, 8));
        return;
    case 1:
        moot__buf_addf(out, "{speaker: %s}", agent(c));
        return;
    case 2:
        moot__buf_addf(out, "{that: \"turns > %d and message contains 'e'\"}", (int)draw(c, 6));
        return;
    case 3:
        moot__buf_addf(out, "{handoff: %s}", agent(c));
        return;
    default:
        moot__buf_adds(out, "{text: DONE}");
    }
}

static void add_termination(struct draw_crew *c, struct moot_buf *out)
{
    if (one_in(c, 3))
        return;
    bool two = one_in(c, 2);
    moot__buf_addf(out, "termination: %s", !two ? "" : one_in(c, 2) ? "{any: [" : "{all: [");
    add_condition(c, out);
    if (two) {
        moot__buf_adds(out, ", ");
        add_condition(c, out);
    }
    moot__buf_adds(out, two ? "]}\n" : "\n");
}

static void add_limits(struct draw_crew *c, struct moot_buf *out)
{
    c->turns = 1 + (int64_t)draw(c, 14);
    c->calls = one_in(c, 4) ? 1 + (int64_t)draw(c, 6) : 40;
    c->tokens = one_in(c, 5) ? 1 + (int64_t)draw(c, 4000) : 1000000;
    moot__buf_addf(out, "limits: {turns: %d, calls: %d, tokens: %d}\n", (int)c->turns,
                   (int)c->calls, (int)c->tokens);
}

static void add_after(struct draw_crew *c, struct moot_buf *out, const char *key, bool *given,
                      bool chosen[DRAW_AGENTS][DRAW_AGENTS])
{
    const char *lead = "";
    moot__buf_addf(out, ", %s: {", key);
    for (size_t i = 0; i < c->agents; i++) {
        if (!one_in(c, 2))
            continue;
        if (given != NULL)
            given[i] = true;
        moot__buf_addf(out, "%s%s: ", lead, ids[i]);
        add_list(c, out, chosen[i], true);
        lead = ", ";
    }
    moot__buf_adds(out, "}");
}

static void add_group_chat(struct draw_crew *c, struct moot_buf *out)
{
    static const char *const methods[] = {"auto", "auto", "round_robin", "random", "manual"};
    static const char *const fallbacks[] = {"round_robin", "random", "manual"};
    moot__buf_adds(out, "group_chat: {next_speaker: ");
    if (one_in(c, 5))
        moot__buf_addf(out,
                       "[{when: \"message contains 'e'\", to: %s}, {when: \"turns > 3\", to: "
                       "%s}, %s]",
                       agent(c), agent(c), PICK(c, methods));
    else
        moot__buf_adds(out, PICK(c, methods));
    moot__buf_addf(out, ", fallback: %s", PICK(c, fallbacks));
    if (one_in(c, 2))
        add_after(c, out, "transitions", c->only_given, c->only);
    if (one_in(c, 3))
        add_after(c, out, "never", NULL, c->never);
    c->repeat = one_in(c, 3);
    moot__buf_addf(out, ", repeat_speaker: %s, introductions: %s}\n", c->repeat ? "true" : "false",
                   one_in(c, 3) ? "true" : "false");
}

static void add_settings(struct draw_crew *c, struct moot_buf *out)
{
    static const char *const words[] = {"keep", "return", "retry", "stop"};
    if (c->process == DRAW_GROUP_CHAT)
        add_group_chat(c, out);
    if (c->process == DRAW_SWARM && !one_in(c, 3))
        moot__buf_addf(out, "swarm: {on_no_handoff: %s}\n",
                       one_in(c, 4) ? agent(c) : PICK(c, words));
    if (c->process == DRAW_LEDGER)
        moot__buf_addf(out, "ledger: {max_stalls: %d}\n", 1 + (int)draw(c, 3));
}

static void add_crew(struct draw_crew *c, struct moot_buf *out)
{
    c->process = (enum draw_process)draw(c, DRAW_PROCESSES);
    moot__buf_addf(out,
                   "crew: drawn\nprocess: %s\nseed: %d\n"
                   "models: {default: {model: scripted/replies.json, max_tokens: 100}}\n",
                   processes[c->process], (int)draw(c, 1000));
    add_agents(c, out);
    if (c->process == DRAW_LEDGER || one_in(c, 2))
        moot__buf_adds(out, "goal: Find the sock.\n");
    if (one_in(c, 2))
        moot__buf_adds(out, "opening: Where is it?\n");
    if (one_in(c, 3))
        moot__buf_addf(out, "start: %s\n", agent(c));
    add_limits(c, out);
    add_termination(c, out);
    add_settings(c, out);
}

/* ---- replies ---- */

static const char *const texts[] = {
    "",
    "Here it is, behind the drum of the machine.",
    "Thank you! Goodbye!",
    "All is said.\\nDONE",
    "I would look under the bed, near the wall.",
    "Nothing new.",
    "\\u00e4\\ud83e\\udde6 \\\"quoted\\\" {\\\"next\\\": \\\"bob\\\"}",
    "```python\\nprint(1)\\n```",
    "ann and bob should speak",
    "</think> yes",
};

static void add_call(struct draw_crew *c, struct moot_buf *out)
{
    static const char *const calls[] = {
        "{\"name\": \"list_files\", \"arguments\": {}}",
        "{\"name\": \"read_file\", \"arguments\": {\"path\": \"none.txt\"}}",
        "{\"name\": \"read_file\", \"arguments\": \"{\\\"path\\\": \"}",
        "{\"name\": \"read_file\", \"arguments\": \"[1]\"}",
        "{\"name\": \"no_such_tool\", \"arguments\": {}}",
        "{\"name\": \"finish\", \"arguments\": {\"result\": \"It is there.\"}}",
        "{\"name\": \"finish\", \"arguments\": {}}",
        "{\"name\": \"transfer_to_nobody\", \"arguments\": {}}",
    };
    if (one_in(c, 3))
        moot__buf_addf(out,
                       "{\"name\": \"transfer_to_%s\", \"arguments\": {\"message\": \"Yours.\"}}",
                       agent(c));
    else
        moot__buf_adds(out, PICK(c, calls));
}

static void add_answer(struct draw_crew *c, struct moot_buf *out)
{
    static const char *const errors[] = {"{\"status\": 400, \"message\": \"no\"}",
                                         "{\"status\": 429, \"retry_after\": 1}",
                                         "{\"status\": \"network\"}"};
    uint64_t what = draw(c, 12);
    if (what == 0) {
        moot__buf_addf(out, "\"error\": %s", PICK(c, errors));
    } else if (what < 5) {
        moot__buf_addf(out, "\"reply\": \"%s\", \"calls\": [", PICK(c, texts));
        add_call(c, out);
        if (one_in(c, 2)) {
            moot__buf_adds(out, ", ");
            add_call(c, out);
        }
        moot__buf_adds(out, "]");
    } else {
        moot__buf_addf(out, "\"reply\": \"%s\"", PICK(c, texts));
    }
}

static void add_look(struct draw_crew *c, struct moot_buf *out)
{
    moot__buf_addf(out,
                   "\"reply\": \"{\\\"done\\\": %s, \\\"progress\\\": %s, \\\"loop\\\": %s, "
                   "\\\"next\\\": \\\"%s\\\", \\\"instruction\\\": \\\"%s\\\", \\\"reason\\\": "
                   "\\\"so\\\"}\"",
                   one_in(c, 8) ? "true" : "false", one_in(c, 2) ? "true" : "false",
                   one_in(c, 4) ? "true" : "false", one_in(c, 6) ? "nobody" : agent(c),
                   one_in(c, 4) ? "" : "Look.");
}

static void add_choice(struct draw_crew *c, struct moot_buf *out)
{
    if (c->process == DRAW_LEDGER && !one_in(c, 5)) {
        add_look(c, out);
    } else if (one_in(c, 6)) {
        add_answer(c, out);
    } else if (one_in(c, 3)) {
        moot__buf_addf(out, "\"reply\": \"{\\\"next\\\": \\\"%s\\\"}\"", agent(c));
    } else {
        moot__buf_addf(out, "\"reply\": \"%s%s\"", agent(c), one_in(c, 4) ? ", then ann" : "");
    }
}

/* By agent and step, so that it does not depend on who asked before, nor on a resume. */
static void add_replies(struct draw_crew *c, struct moot_buf *out)
{
    moot__buf_adds(out, "[");
    for (size_t i = 0; i <= c->agents; i++) {
        const char *who = i < c->agents ? ids[i] : processes[c->process];
        for (int step = 1; step <= STEPS; step++) {
            moot__buf_addf(out, "{\"agent\": \"%s\", \"step\": %d, ", who, step);
            if (i < c->agents)
                add_answer(c, out);
            else
                add_choice(c, out);
            moot__buf_adds(out, "},\n");
        }
    }
    moot__buf_adds(out, "{\"repeat\": true, \"reply\": \"Let us go on.\"}]");
}

struct draw_crew *draw_crew_new(uint64_t seed)
{
    struct draw_crew *c = calloc(1, sizeof(*c));
    struct moot_buf text;
    assert_non_null(c);
    c->seed = seed;
    c->state = mix(seed);
    moot__buf_init(&text, MOOT_MAX_CREW_FILE);
    add_crew(c, &text);
    c->yaml = moot__buf_take(&text);
    moot__buf_init(&text, MOOT_MAX_CREW_FILE);
    add_replies(c, &text);
    c->replies = moot__buf_take(&text);
    assert_non_null(c->yaml);
    assert_non_null(c->replies);
    return c;
}

void draw_crew_free(struct draw_crew *c)
{
    free(c->yaml);
    free(c->replies);
    free(c);
}

/* ---- who may ---- */

size_t draw_crew_member(const struct draw_crew *c, const char *id)
{
    for (size_t i = 0; i < c->agents; i++)
        if (id != NULL && strcmp(ids[i], id) == 0)
            return i;
    return DRAW_AGENTS;
}

bool draw_crew_may_hand(const struct draw_crew *c, size_t from, size_t to)
{
    return c->process == DRAW_SWARM && from != to && (!c->can_given[from] || c->can[from][to]);
}

bool draw_crew_may_follow(const struct draw_crew *c, size_t last, size_t to, int handed)
{
    if (last == DRAW_AGENTS || c->process == DRAW_LEDGER)
        return true;
    if (c->process == DRAW_PAIR)
        return to != last;
    if (c->process == DRAW_SWARM)
        return handed < 0 || to == (size_t)handed;
    bool listed = c->only_given[last] && c->only[last][to];
    return (!c->only_given[last] || listed) && !c->never[last][to] &&
           (to != last || c->repeat || listed);
}

const char *draw_crew_person(const struct draw_crew *c, int nth)
{
    static const char *const words[] = {"",    "",    "exit",           "Look under the bed.",
                                        "ann", "bob", "the other room", NULL};
    return words[mix(c->seed + 77 + (uint64_t)nth) % MOOT_COUNT(words)];
}

int draw_crew_kill(const struct draw_crew *c, int nth)
{
    return 1 + (int)(mix(c->seed + 99 + (uint64_t)nth) % (nth == 0 ? 12 : 6));
}
