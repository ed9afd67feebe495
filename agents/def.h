/* A crew as compiled from its resolved form: what agents and roles read, const for the whole run.
 * Made by roles/crew_build.c, freed by it. */
#ifndef MOOT_DEF_H
#define MOOT_DEF_H

#include "runtime/bounds.h"
#include "runtime/effects.h"
#include "runtime/expr.h"
#include "runtime/regex.h"
#include "runtime/schema.h"
#include "runtime/shortform.h"
#include "runtime/tally.h"
#include "runtime/template.h"

enum moot_agent_kind { MOOT_ASSISTANT_AGENT, MOOT_JUDGE_AGENT, MOOT_USER_PROXY_AGENT };

/* When a user proxy asks its person. */
enum moot_human_input { MOOT_INPUT_NEVER, MOOT_INPUT_TERMINATE, MOOT_INPUT_ALWAYS };

/* What of the others an agent's model is shown. */
enum { MOOT_SEES_MSG = 1, MOOT_SEES_CALL = 2, MOOT_SEES_RESULT = 4 };

struct moot_view_def {
    char **from;         /* ids, NULL-terminated; NULL: all */
    unsigned kinds;      /* MOOT_SEES_…; 0: what is said alone */
    int64_t first, last; /* how many at the beginning of a turn; both 0: all */
    int64_t tokens;      /* 0: no bound */
};

/* What is done on overflow; see agents/compact.h. */
struct moot_compaction_def {
    bool drop; /* else a summary stands for what is left out */
    int64_t keep_first, keep_last;
};

enum { MOOT_KEEP_FIRST = 1, MOOT_KEEP_LAST = 4 };

struct moot_agent_def {
    char *id;
    enum moot_agent_kind kind;
    char *role, *goal, *backstory; /* or NULL */
    char *system_message;          /* or NULL: made of those three */
    char *model;                   /* a name in models, or NULL: default */
    char **tools;                  /* ids, NULL-terminated, or NULL */
    char *tool_choice;             /* or NULL */
    bool plan;
    int64_t max_steps;
    enum moot_human_input human_input; /* a user proxy's */
    int64_t max_auto_replies;          /* a user proxy's, to one peer */
    bool code_execution;
    char **can_message; /* ids, NULL-terminated; NULL: all */
    struct moot_view_def view;
    struct moot_compaction_def compaction;
    struct moot_bounds limits;
    struct moot_tool_view *views; /* what it may call outside of tasks; by moot__def_views */
    size_t view_count;
    char **talk_tools; /* forms that only its turns in a conversation have: finish, transfer_to_… */
    struct moot_tool_view *talk_views; /* those and `views`; by moot__def_views */
    size_t talk_view_count;
};

struct moot_step_def {
    struct moot_template *prompt;
    char *as;          /* field of the output, or NULL */
    char *tool_choice; /* or NULL */
    char *model;       /* or NULL */
};

enum moot_check_kind {
    MOOT_CHECK_THAT,
    MOOT_CHECK_PATTERN,
    MOOT_CHECK_NONE,
    MOOT_CHECK_LENGTH,
    MOOT_CHECK_FILE,
    MOOT_CHECK_COMMAND,
    MOOT_CHECK_JUDGE,
    MOOT_CHECK_PERSON,
};

enum moot_unit { MOOT_WORDS, MOOT_CHARACTERS, MOOT_TOKENS, MOOT_ITEMS };

struct moot_check_def {
    enum moot_check_kind kind;
    char *source; /* as it stands in the crew file, for reports */
    struct moot_expr *that;
    char *otherwise;          /* `else`, or NULL */
    struct moot_regex *regex; /* pattern, none */
    char *of;                 /* path in the result, or NULL: the whole */
    int64_t min, max;         /* length; max -1: none */
    enum moot_unit unit;
    struct moot_template *file;
    char **command;  /* NULL-terminated */
    char *judge;     /* agent */
    char **criteria; /* NULL-terminated, or NULL */
    char **sees;     /* paths, NULL-terminated; NULL: what the author saw */
    char **people;   /* NULL-terminated; NULL: anybody */
};

/* What a result must be. */
struct moot_output_def {
    bool given;                 /* false: plain text */
    struct moot_schema *schema; /* of the whole result; NULL for plain text */
    char *ask_text;             /* JSON Schema text asked of the model: filled fields left out */
    struct moot_schema *ask;    /* the same, compiled */
    struct moot_shortform form; /* when written in short form */
    bool has_form;
    struct moot_template **filled; /* templates of the fields that the host fills in */
    char **filled_names;           /* their names */
    size_t filled_count;
};

enum moot_on_exhausted { MOOT_EXHAUSTED_FAIL, MOOT_EXHAUSTED_ASK, MOOT_EXHAUSTED_BEST };

struct moot_arg_def {
    char *name;
    struct moot_template *value;
};

enum moot_decide {
    MOOT_DECIDE_ANSWER,  /* which result of the task it is to be */
    MOOT_DECIDE_PLAN,    /* how the task is done, and by whom */
    MOOT_DECIDE_HANDLER, /* who does it */
    MOOT_DECIDE_GATE,    /* whether one author's result may go ahead */
};
enum moot_critique { MOOT_CRITIQUE_NEVER, MOOT_CRITIQUE_AUTO, MOOT_CRITIQUE_ALWAYS };
/* Who decides where ballots do not: between equals, and without consensus. */
enum moot_decider {
    MOOT_DECIDER_SEED,  /* of equals: the run's seed; without consensus: the best */
    MOOT_DECIDER_CHAIR, /* one call of the chair */
    MOOT_DECIDER_ASK,   /* a person */
    MOOT_DECIDER_FAIL,  /* nobody: the task fails */
};

/* How a task is agreed on. */
struct moot_vote_def {
    enum moot_decide decide;
    char *candidates; /* path of a list that is voted on; NULL: they are proposed */
    enum moot_vote_rule rule;
    char *quorum, *threshold; /* ratios */
    int64_t max_rounds;
    char **voters;    /* ids, NULL-terminated, never NULL */
    int64_t *weights; /* as many */
    char **proposers; /* likewise; handlers to choose from; the author at a gate */
    enum moot_critique critique;
    enum moot_decider tie_break;
    enum moot_decider on_no_consensus;
    char *chair;           /* or NULL */
    int64_t candidate_cap; /* characters of a candidate that voters are shown */
};

struct moot_task_def {
    char *id;
    char *agent; /* participant that works it: an agent's id, or "runner"; NULL: whom the manager
                    chooses */
    struct moot_step_def *steps; /* a single prompt is one step, and so is a chat's opening */
    size_t step_count;
    char *chat_with;    /* a chat: the user proxy that its agent talks with; else NULL */
    int64_t chat_turns; /* a chat: at most so many; 0: as the crew's limits say */
    char *tool;     /* a tool task; a `command` task has a tool made for it, named as the task */
    char **command; /* a `command` task's words, NULL-terminated; else NULL */
    struct moot_arg_def *args;
    size_t arg_count;
    char *expected_output;
    char *brief;       /* what its prompts say, for a manager; or NULL */
    char *model;       /* or NULL */
    char **tools;      /* or NULL: the agent's */
    char *tool_choice; /* or NULL */
    bool says_cannot;  /* its worker may give up by the form MOOT_TOOL_CANNOT */
    char **needs;      /* tasks it waits for, placeholders' included; NULL-terminated, never NULL */
    char **shown;      /* of these, those no placeholder names: shown as context; likewise */
    char **uses;       /* every path named by prompts, args, checks, output: its input; likewise */
    struct moot_expr *when; /* or NULL */
    struct moot_output_def output;
    struct moot_template *output_file; /* or NULL */
    struct moot_check_def *checks;     /* cheapest first */
    size_t check_count;
    int64_t attempts;
    char *on_reject; /* task; its own id by default */
    enum moot_on_exhausted on_exhausted;
    bool review;
    char **reviewers;           /* or NULL: anybody */
    char *require_tool;         /* or NULL */
    struct moot_vote_def *vote; /* NULL: one agent does it */
    struct moot_bounds limits;
    struct moot_tool_view *views; /* what its agent may call in it; by moot__def_views */
    size_t view_count;
};

struct moot_tool_def {
    char *id;
    char *description;
    char *parameters;           /* JSON Schema text, pinned arguments taken out */
    struct moot_schema *schema; /* compiled */
    bool is_form;               /* choosing it ends the task: its arguments are the result */
    bool asks;                  /* a question to another agent: agents/asking.h */
};

struct moot_condition;
struct moot_speakers_def;

/* The settings of a conversation's process; see roles/talk.h. */
struct moot_talk_def {
    struct moot_template *opening; /* or NULL */
    char *start;                   /* or NULL */
    char *answer; /* whose newest words are the result; NULL: of anybody who is no user proxy */
    struct moot_condition *termination; /* or NULL */
    struct moot_speakers_def *speakers; /* group_chat's; or NULL */
    char *manager_agent;                /* an agent that is the manager, and no member; or NULL */
    char *manager_model;                /* a name in models; NULL: default */
    char *manager_prompt;               /* or NULL */
    struct moot_view_def manager_view;
    bool tells_calls;    /* somebody is shown the tool traffic of others */
    char *on_no_handoff; /* swarm's: an agent or a word; NULL: the default */
    int64_t max_stalls;  /* ledger's */
    bool reflect;        /* the summary is a model's, not the last message */
};

/* The settings of the process `hierarchical`; see roles/hierarchical.c. */
struct moot_delegation_def {
    bool given; /* it is the crew's process */
    int64_t max_parallel, max_delegations, max_rounds, max_children;
    bool reassign; /* a task's `agent` binds nobody */
    char *judge;   /* who accepts; NULL: the manager */
    enum moot_on_exhausted on_exhausted;
    char **workers;               /* whom the manager may delegate to: ids, NULL-terminated */
    struct moot_tool_view *views; /* its forms; by moot__def_views */
    size_t view_count;
    struct moot_task_def *part; /* what a part of a task is worked as */
};

/* What agents have to know of a model. */
struct moot_model_def {
    char *name;         /* its name in `models` */
    int64_t context;    /* the most tokens of request and reply together; 0: not known */
    int64_t max_tokens; /* of a reply */
    bool no_tools;      /* it cannot call tools */
};

struct moot_crew_def {
    char *name;
    char *goal;      /* or NULL */
    char *process;   /* "sequential", "graph" */
    char *item_name; /* what an item is called: "storefront" */
    char *date;      /* "2026-11-25", fixed in genesis */
    struct moot_agent_def *agents;
    size_t agent_count;
    struct moot_task_def *tasks;
    size_t task_count;
    struct moot_tool_def *tools; /* every tool any agent or task may call */
    size_t tool_count;
    struct moot_model_def *models;
    size_t model_count;
    struct moot_bounds limits; /* of an item */
    struct moot_bounds total;  /* of the run */
    struct moot_talk_def talk; /* where the process is a conversation; and its manager */
    struct moot_delegation_def delegation;
};

/* The forms of the process `hierarchical`: a worker's, and the manager's. */
#define MOOT_TOOL_CANNOT "cannot"
extern const char *const moot__delegation_forms[]; /* NULL-terminated */

const struct moot_agent_def *moot__def_agent(const struct moot_crew_def *crew, const char *id);
const struct moot_task_def *moot__def_task(const struct moot_crew_def *crew, const char *id);
const struct moot_tool_def *moot__def_tool(const struct moot_crew_def *crew, const char *id);
/* NULL: the crew file says nothing of it. */
const struct moot_model_def *moot__def_model(const struct moot_crew_def *crew, const char *name);

/* Fills in every `views`: of a task its tools, else its agent's, and those a tool_choice names.
 * Called once, when all else is there. MOOT_ENOMEM. */
int moot__def_views(struct moot_crew_def *crew);
void moot__def_release_views(struct moot_crew_def *crew);

/* What an agent of the crew is made with (the `persona` of its ops). */
struct moot_persona {
    const struct moot_crew_def *crew;
    const struct moot_agent_def *agent; /* NULL: a manager or the runner */
};

/* The view and the compaction of whoever it is. */
const struct moot_view_def *moot__persona_view(const struct moot_persona *p);
const struct moot_compaction_def *moot__persona_compaction(const struct moot_persona *p);

#endif
