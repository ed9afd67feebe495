#include "roles/crew_fields.h"

#include "runtime/near.h"

/* clang-format off */
#define S(g) .scalar = {MOOT_G_##g, NULL}
#define SW(g, w) .scalar = {MOOT_G_##g, w}
#define L(g) .list = {MOOT_G_##g, NULL}
#define LW(g, w) .list = {MOOT_G_##g, w}
#define LM(t) .list_table = t
#define M(t) .map = MOOT_MAP_TABLE, .table = t
#define DEFAULT(d) .fallback = d
#define GROUP(g) .group = g
#define BESIDE(w) .with = w
#define REQUIRED .flags = MOOT_FIELD_REQUIRED
#define LATER .flags = MOOT_FIELD_LATER
#define DECIDES .flags = MOOT_FIELD_DECIDES

static const struct moot_field crew[] = {
    {"crew", S(TEXT), REQUIRED, .meaning = "its name"},
    {"goal", S(PROSE),
     .meaning = "what all of it is for; told to the manager, and to a user proxy without a goal "
                "of its own"},
    {"extends", S(PATH),
     .meaning = "that file with this one laid over it: maps merge, lists and texts replace, "
                "`null` removes"},
    {"input", S(NAME), M("input"), DEFAULT("input"), .meaning = "what an item is called"},
    {"process", SW(WORD, "sequential graph pair group_chat swarm ledger hierarchical "
                         "consensual ~supervisor"),
     DEFAULT("sequential"), .meaning = "how the crew works together"},
    {"manager", S(AGENT), M("manager"),
     .meaning = "who decides where the process needs a model; made by the process if unset"},
    {"models", M("models"),
     .meaning = "names for models; `default` serves all. A crew without a model is an error"},
    {"agents", M("agents"), .meaning = "who works. Without any there is one unnamed assistant"},
    {"tasks", M("tasks"), .meaning = "what is to be done"},
    {"tools", M("tools"), .meaning = "what agents and tasks may use"},
    {"people", M("people"),
     .meaning = "who may answer, approve and review; unset: whoever is at the terminal"},
    {"mcp", M("mcp"), LATER, .meaning = "MCP servers; `tools: [files/*]` grants all of one"},
    {"limits", M("crew_limits"), .meaning = "bounds for each item"},
    {"termination", M("condition"),
     .meaning = "when a conversation ends; unset: `finish`, limits, no progress"},
    {"opening", S(TEMPLATE),
     .meaning = "conversations: what is said to all before the first turn; unset: the crew's "
                "`goal`"},
    {"start", S(AGENT),
     .meaning = "conversations: who has the first turn; unset: the user proxy, else the first "
                "agent"},
    {"answer", S(AGENT),
     .meaning = "conversations: whose newest words are the result; unset: those of any agent that "
                "is no user proxy. What is given to `finish` comes before them"},
    {"seed", S(INTEGER), .meaning = "all randomness of the run; drawn if unset"},
    {"on_no_person", SW(WORD, "wait deny"), DEFAULT("wait"),
     .meaning = "what becomes of an approval where nobody can be asked"},
    {"pair", M("pair"), .meaning = "settings of that process"},
    {"group_chat", M("group_chat"), .meaning = "settings of that process"},
    {"swarm", M("swarm"), .meaning = "settings of that process"},
    {"ledger", M("ledger"), .meaning = "settings of that process"},
    {"hierarchical", M("hierarchical"), .meaning = "settings of that process"},
    {"consensual", M("consensual"), .meaning = "settings of that process"},
    {"supervisor", M("supervisor"), LATER, .meaning = "settings of that process"},
};

static const struct moot_field input[] = {
    {"name", S(NAME), DEFAULT("input"), .meaning = "what an item is called"},
    {"registry", S(PATH),
     .meaning = "a file of rows; each item is joined with the row whose `key` is its file's "
                "name, and the row's members win"},
    {"key", S(NAME), DEFAULT("file"), .meaning = "the row's member that is compared"},
    {"from", S(FIELDS), LATER, .meaning = "the items are that task's list: `scout.stores`"},
};

static const struct moot_field manager[] = {
    {"model", S(MODEL), .meaning = "the manager's model; unset: `default`"},
    {"prompt", S(PROSE),
     .meaning = "who it is, in words; unset: as docs/prompts.md says"},
    {"view", M("view"), .meaning = "what its model sees"},
};

static const struct moot_field models[] = {
    {"*", S(PROVIDER), M("model"), .meaning = "`provider/model`, or a map"},
};

static const struct moot_field model[] = {
    {"model", S(PROVIDER), REQUIRED, .meaning = "`provider/model`"},
    {"base_url", S(TEXT), .meaning = "where the endpoint is; unset: the provider's own"},
    {"key", S(SECRET),
     .meaning = "`${env:NAME}` or `${file:PATH}`; unset: the provider's own variable"},
    {"temperature", S(DECIMAL), .meaning = "as in the provider's API"},
    {"top_p", S(DECIMAL), .meaning = "as in the provider's API"},
    {"max_tokens", S(TOKENS), DEFAULT("4096"), .meaning = "of a reply"},
    {"stop", S(TEXT), L(TEXT), .meaning = "texts that end a reply"},
    {"reasoning", S(TEXT),
     .meaning = "how much the model thinks, as the provider words it: `low`, `high`"},
    {"seed", S(INTEGER), .meaning = "sent to the provider"},
    {"fallback", L(MODEL), LATER, .meaning = "tried in this order when the model fails"},
    {"price", M("price"), .meaning = "for a million tokens; unset: the price table's"},
    {"capabilities", M("capabilities"),
     .meaning = "what the endpoint can do; unset: it is found out"},
    {"timeouts", M("timeouts"), .meaning = "how long it is waited for"},
    {"extra", .map = MOOT_MAP_ANY, .meaning = "merged into the request as it is"},
};

static const struct moot_field price[] = {
    {"input", S(MONEY), .meaning = "tokens that are sent"},
    {"output", S(MONEY), .meaning = "tokens of replies"},
    {"cached", S(MONEY), .meaning = "tokens that are sent and known to the provider"},
};

static const struct moot_field capabilities[] = {
    {"context", S(TOKENS), .meaning = "the most tokens of request and reply together"},
    {"schema", S(BOOL), .meaning = "replies by JSON Schema"},
    {"tools", S(BOOL), .meaning = "calls of tools"},
    {"stream", S(BOOL), .meaning = "replies in pieces"},
    {"stream_options", S(BOOL), .meaning = "usage in streams"},
    {"max_completion_tokens", S(BOOL), .meaning = "the bound of a reply has that name"},
};

static const struct moot_field timeouts[] = {
    {"connect", S(DURATION), .meaning = "until the connection stands"},
    {"first_byte", S(DURATION), .meaning = "until the reply begins"},
    {"idle", S(DURATION), .meaning = "between two pieces of a reply"},
    {"total", S(DURATION), .meaning = "of a whole call"},
};

static const struct moot_field agents[] = {
    {"*", M("agent"), .meaning = "an agent by its id"},
};

static const struct moot_field agent[] = {
    {"kind", SW(WORD, "assistant user_proxy judge"), DEFAULT("assistant"),
     .meaning = "which role it follows"},
    {"role", S(PROSE), .meaning = "who it is, in words: its title"},
    {"goal", S(PROSE), .meaning = "what it is after"},
    {"backstory", S(PROSE), .meaning = "where it comes from"},
    {"system_message", S(PROSE),
     .meaning = "what the model is told; unset: made from those three"},
    {"model", S(MODEL), .meaning = "`provider/model` or a name in `models`; unset: `default`"},
    {"tools", L(TOOL), .meaning = "what it may call"},
    {"tool_choice", SW(TOOL, "auto none required"), DEFAULT("auto"),
     .meaning = "as in every provider's API; a tool named is thereby granted"},
    {"plan", S(BOOL), DEFAULT("no"), .meaning = "a first step without tools: think before acting"},
    {"max_steps", S(INTEGER), DEFAULT("25"),
     .meaning = "steps in a turn, then one last answer without tools"},
    {"limits", M("limits"), .meaning = "bounds of its own"},
    {"human_input", SW(WORD, "always terminate never"),
     .meaning = "when a user proxy asks its person; unset: `never` with a `goal`, else `always`"},
    {"max_auto_replies", S(INTEGER), DEFAULT("100"),
     .meaning = "automatic replies to one peer"},
    {"code_execution", S(BOOL), DEFAULT("no"),
     .meaning = "run the fenced code (`python`, `sh`) that it is sent, in the sandbox, block by "
                "block"},
    {"approval", SW(WORD, "always never"),
     .meaning = "whether a person consents to its code first: blocks, `run_code`, `python`, "
                "`shell`, `run_tests`; unset: by policy"},
    {"workspace", S(PATH),
     .meaning = "the only folder it may write; code of an agent without one works in a scratch "
                "folder that goes when the run is closed"},
    {"sandbox", SW(WORD, "none"), M("sandbox"),
     .meaning = "what its programs may reach; unset: no network, nothing bound"},
    {"can_message", L(AGENT),
     .meaning = "whom it may ask by `ask_agent`, and in a `swarm` hand off to; unset: all"},
    {"can_delegate_to", L(AGENT),
     .meaning = "`hierarchical`: whom the manager may give work to; unset: all. Other agents "
                "delegate nothing"},
    {"view", M("view"),
     .meaning = "what its model sees; unset: its conversation, others' tool traffic hidden"},
    {"compaction", M("compaction"),
     .meaning = "what is done when a request is more than the model holds; unset: a summary"},
    {"owns", S(PATH), LATER,
     .meaning = "path, glob, or `item`: a stateful agent for each file that matches"},
    {"watches", L(PATH), LATER, .meaning = "paths or agents whose changes it is told of"},
    {"max_updates", S(INTEGER), LATER, .meaning = "how often it reacts to what it watches"},
};

static const struct moot_field sandbox[] = {
    {"network", SW(WORD, "none"), L(TEXT), DEFAULT("none"),
     .meaning = "hosts that may be reached"},
    {"bind", L(PATH), .meaning = "paths that are seen inside"},
    {"memory", S(SIZE), .meaning = "the most memory of a process: `512M`"},
    {"cpu", S(DURATION), .meaning = "the most processor time"},
    {"seconds", S(DURATION), .meaning = "the most time"},
};

static const struct moot_field view[] = {
    {"from", L(AGENT),
     .meaning = "whose messages, besides its own, a person's and the opening; unset: all"},
    {"kinds", LW(WORD, "msg tool_call tool_result"),
     .meaning = "what of the others: their words, their calls, their calls with the results; "
                "unset: `msg`, and with `tools: all` the rest too"},
    {"first", S(INTEGER),
     .meaning = "how many of the first messages; an own turn with its calls is one. Counted when "
                "a turn begins"},
    {"last", S(INTEGER), .meaning = "how many of the last; with neither: all"},
    {"tokens", S(TOKENS),
     .meaning = "at most so many tokens when a turn begins: the oldest behind `first` are left "
                "out"},
    {"tools", SW(WORD, "own all"), DEFAULT("own"),
     .meaning = "whose tool traffic: its own, or also the others', told in words"},
};

static const struct moot_field compaction[] = {
    {"by", SW(WORD, "summary drop"), DEFAULT("summary"), .meaning = "a summary, or leaving out"},
    {"keep_first", S(INTEGER), DEFAULT("1"),
     .meaning = "how many of the first stay, besides the system message; a call with its results "
                "is one"},
    {"keep_last", S(INTEGER), DEFAULT("4"),
     .meaning = "how many of the last stay; fewer where that is still too much"},
};

static const struct moot_field tasks[] = {
    {"*", M("task"), .meaning = "a task by its id"},
};

static const struct moot_field task[] = {
    {"prompt", S(TEMPLATE), GROUP("!work"), .meaning = "what to do"},
    {"steps", LM("step"), GROUP("!work"),
     .meaning = "instead of one prompt: asked one after the other in one conversation. A step "
                "with `as` fills that field of `output`; one without is thinking, not kept; if "
                "none has `as`, the last one answers"},
    {"tool", S(TOOL), GROUP("!work"), .meaning = "no model: a call of that tool with `args`"},
    {"command", L(FILLED), GROUP("!work"),
     .meaning = "no model: a program and its words, no shell. The first word holds no "
                "placeholder"},
    {"crew", S(PATH), LATER, GROUP("!work"), .meaning = "another crew file, given `args`"},
    {"chat", M("chat"), GROUP("!work"),
     .meaning = "an expert and a user proxy talk it out, as in `process: pair`, under the crew's "
                "`termination`"},
    {"classify", M("classify"), LATER, GROUP("!work"),
     .meaning = "a program that prints one of `labels`"},
    {"args", .map = MOOT_MAP_ARGS,
     .meaning = "what a `tool`, `command` or `crew` is given; unset: the members of its only "
                "`needs` that bear a parameter's name"},
    {"suffix", S(TEMPLATE), LATER,
     .meaning = "a completion: the text behind what the model puts in"},
    {"stop", L(TEXT), LATER, .meaning = "a completion: texts that end it"},
    {"agent", S(AGENT), .meaning = "who does it; unset: the process chooses"},
    {"expected_output", S(PROSE), .meaning = "what a good result is like, in words"},
    {"needs", SW(WORD, "previous"), L(TASK),
     .meaning = "what it waits for and sees; unset: in `sequential` and `consensual` all "
                "earlier tasks, else none"},
    {"join", SW(WORD, "all any"), DEFAULT("all"), LATER,
     .meaning = "whether all of its needs must be there"},
    {"when", S(EXPR),
     .meaning = "when it runs; unset: always. A skipped task counts as done and empty"},
    {"for_each", S(FIELDS), LATER, .meaning = "a list: the task runs once for each element"},
    {"as", S(NAME), DEFAULT("each"), LATER, .meaning = "the name of an element in `for_each`"},
    {"per", SW(WORD, "item ~run"), DEFAULT("item"),
     .meaning = "whether it runs for each item, or once"},
    {"listens", L(TEXT), LATER, .meaning = "topics, instead of `needs`"},
    {"publishes", L(TEXT), LATER, .meaning = "topics; unset: its own id"},
    {"output", S(TYPE), .map = MOOT_MAP_SHAPE, GROUP("shape"),
     .meaning = "shape of the result in the short form; unset: plain text"},
    {"output_schema", S(PATH), .map = MOOT_MAP_SCHEMA, GROUP("shape"),
     .meaning = "the same as a JSON Schema, inline or as a path"},
    {"output_file", S(FILLED), .meaning = "where the result is written"},
    {"check", S(AGENT), LM("check"),
     .meaning = "what a result must pass: an agent that judges it, or a list"},
    {"attempts", S(INTEGER), DEFAULT("2"),
     .meaning = "tries of this task for an item, the first included"},
    {"on_reject", S(TASK), .meaning = "where a rejected item goes back to; unset: this task"},
    {"on_exhausted", SW(WORD, "fail ask best"), DEFAULT("fail"),
     .meaning = "when attempts are used up: the item is rejected, waits for a person, or goes "
                "on with the best attempt, marked unapproved"},
    {"approval", SW(WORD, "always never"),
     .meaning = "whether a person consents to the act first; unset: by policy"},
    {"review", S(BOOL), L(PERSON), DEFAULT("no"),
     .meaning = "whether a person judges the result, as the last check; or who does"},
    {"model", S(MODEL), .meaning = "instead of the agent's"},
    {"tools", L(TOOL), .meaning = "instead of the agent's"},
    {"tool_choice", SW(TOOL, "auto none required"), .meaning = "instead of the agent's"},
    {"limits", M("limits"), .meaning = "bounds of its own"},
    {"require_tool", S(TOOL), .meaning = "the answer counts only after a successful call of it"},
    {"declassify", S(BOOL), DEFAULT("no"), LATER, .meaning = "strips the label `untrusted`"},
    {"consensual", SW(WORD, "off false"), M("consensual"),
     .meaning = "in the process `consensual`: settings over the crew's; `off`: one agent does it, "
                "and nothing is voted on"},
};

static const struct moot_field step[] = {
    {"prompt", S(TEMPLATE), REQUIRED, .meaning = "what is asked"},
    {"as", S(NAME), .meaning = "the field of `output` that its text fills"},
    {"tool_choice", SW(TOOL, "auto none required"), .meaning = "instead of the task's"},
    {"model", S(MODEL), .meaning = "instead of the task's"},
};

static const struct moot_field chat[] = {
    {"expert", S(AGENT), REQUIRED,
     .meaning = "an assistant, whose newest answer is the result, unless the user proxy gives one "
                "to `finish`"},
    {"user_proxy", S(AGENT), REQUIRED, .meaning = "who asks, and sees whether it is enough"},
    {"opening", S(TEMPLATE),
     .meaning = "what the user proxy says first; unset: its own words. The results of `needs` "
                "that it does not name stand behind it"},
    {"turns", S(INTEGER),
     .meaning = "so many turns are enough; unset: until it is finished or a bound is reached"},
};

static const struct moot_field classify[] = {
    {"command", L(FILLED), REQUIRED, .meaning = "the program and its words"},
    {"labels", L(TEXT), REQUIRED, .meaning = "what it may print"},
};

static const struct moot_field check[] = {
    {"that", S(EXPR), DECIDES, .meaning = "must hold"},
    {"pattern", S(REGEX), DECIDES, .meaning = "must match"},
    {"none", S(REGEX), DECIDES, .meaning = "must not match"},
    {"length", S(LENGTH), DECIDES,
     .meaning = "`120..220 words`; also `characters`, `tokens`, `items`"},
    {"file", S(FILLED), DECIDES, .meaning = "must be there"},
    {"command", L(FILLED), DECIDES,
     .meaning = "the result as JSON on its input; exit 0 passes; its output is the report"},
    {"judge", S(AGENT), DECIDES, .meaning = "an agent's verdict"},
    {"person", S(BOOL), L(PERSON), DECIDES, .meaning = "a person's verdict: `true`, or who"},
    {"else", S(TEXT), BESIDE("that"), .meaning = "what is said when it does not hold"},
    {"of", S(FIELDS), BESIDE("pattern none length"),
     .meaning = "the field that is looked at; unset: the whole result"},
    {"criteria", L(TEXT), BESIDE("judge"), .meaning = "what it judges by"},
    {"sees", L(FIELDS), BESIDE("judge"),
     .meaning = "what it is shown; unset: what the author saw"},
};

static const struct moot_field tools[] = {
    {"*", M("tool"), .meaning = "a tool by its id; a built-in needs no entry"},
};

static const struct moot_field tool[] = {
    {"use", S(TEXT), GROUP("use"),
     .meaning = "a built-in, `form`, or `mcp:SERVER/TOOL`; unset: its own id. A `form` does "
                "nothing but take its arguments, which are its result"},
    {"command", L(TEXT), GROUP("use"),
     .meaning = "a program and its words: JSON in, JSON or text out"},
    {"url", S(TEXT), LATER, GROUP("use"), .meaning = "a REST call: `METHOD URL`"},
    {"library", S(PATH), LATER, GROUP("use"), .meaning = "a tool in C"},
    {"description", S(PROSE), .meaning = "what a model is told of it; unset: a built-in's own"},
    {"parameters", .map = MOOT_MAP_SHAPE, GROUP("parameters"),
     .meaning = "what it is given, in the short form; unset: a built-in's own"},
    {"parameters_schema", S(PATH), .map = MOOT_MAP_SCHEMA, GROUP("parameters"),
     .meaning = "the same as a JSON Schema, inline or as a path"},
    {"args", .map = MOOT_MAP_ARGS,
     .meaning = "pinned: set by the host for every call, taken out of what models see"},
    {"limits", M("tool_limits"), .meaning = "bounds for each item"},
    {"effect", SW(WORD, "none idempotent irreversible"),
     .meaning = "what repeating it does; unset: a built-in's own, else `irreversible`"},
    {"on_unknown", SW(WORD, "ask retry skip"), DEFAULT("ask"),
     .meaning = "what to do when it was cut off"},
    {"reads", SW(WORD, "none private"),
     .meaning = "for the policy; unset: a built-in's own, else the worst; so with the next four"},
    {"ingests", SW(WORD, "trusted untrusted"), .meaning = "whether what it brings may be hostile"},
    {"sends", SW(WORD, "none external"), .meaning = "whether something leaves this machine"},
    {"writes", S(BOOL), .meaning = "whether it writes files"},
    {"exec", S(BOOL), .meaning = "whether it runs programs"},
    {"approval", SW(WORD, "always never"),
     .meaning = "whether a person consents first; unset: by policy"},
    {"sandbox", SW(WORD, "none"), M("sandbox"),
     .meaning = "what its program may reach; unset: no network, nothing bound"},
    {"deliver", S(TEXT),
     .meaning = "`send_email`: `print` (default), `outbox:DIR` or `smtp://HOST`"},
    {"db", S(PATH), LATER, .meaning = "`sqlite`: the file"},
    {"sql", S(TEXT), LATER, .meaning = "`sqlite`: the statement; `args` are bound"},
};

static const struct moot_field tool_limits[] = {
    {"calls", S(INTEGER), .meaning = "so many calls"},
};

static const struct moot_field people[] = {
    {"*", M("person"), .meaning = "a person by an id"},
};

static const struct moot_field person[] = {
    {"name", S(TEXT), .meaning = "as others call them"},
    {"key", S(TEXT),
     .meaning = "the public key they sign with, as `moot keys` shows it; unset: the owner's"},
    {"notify", L(TEXT),
     .meaning = "the command that tells them that something waits, once for each: what is asked is "
                "on its standard input, `MOOT_ID` is what `moot answer` takes. Runs without a "
                "sandbox; that it fails ends nothing"},
    {"within", S(DURATION),
     .meaning = "how long what waits for them waits; then a question counts as not answered, and "
                "what needs their consent is refused. Unset: for ever"},
};

static const struct moot_field mcp[] = {
    {"*", M("server"), .meaning = "a server by its name"},
};

static const struct moot_field server[] = {
    {"command", L(TEXT), GROUP("!server"), .meaning = "the program that is the server"},
    {"url", S(TEXT), GROUP("!server"), .meaning = "where the server is"},
    {"key", S(SECRET), .meaning = "`${env:NAME}` or `${file:PATH}`"},
};

static const struct moot_field limits[] = {
    {"turns", S(INTEGER), .meaning = "turns of participants"},
    {"calls", S(INTEGER), .meaning = "model calls"},
    {"tokens", S(TOKENS), .meaning = "tokens sent and received"},
    {"cost", S(MONEY), .meaning = "in USD; without a known price it cannot bind"},
    {"seconds", S(DURATION),
     .meaning = "time; of an agent: what its calls take, added up; waiting for a person does not "
                "count"},
    {"depth", S(INTEGER), .meaning = "conversations inside conversations"},
};

static const struct moot_field crew_limits[] = {
    {"turns", S(INTEGER), DEFAULT("100"), .meaning = "turns of participants"},
    {"calls", S(INTEGER), DEFAULT("200"), .meaning = "model calls"},
    {"tokens", S(TOKENS), DEFAULT("1M"), .meaning = "tokens sent and received"},
    {"cost", S(MONEY), DEFAULT("5 USD"),
     .meaning = "in USD; without a known price it cannot bind"},
    {"seconds", S(DURATION), DEFAULT("3600"),
     .meaning = "time; waiting for a person does not count"},
    {"depth", S(INTEGER), DEFAULT("3"), .meaning = "conversations inside conversations"},
    {"total", M("total"), .meaning = "bounds of a run over all its items"},
};

static const struct moot_field total[] = {
    {"tokens", S(TOKENS), .meaning = "tokens sent and received"},
    {"cost", S(MONEY), .meaning = "in USD"},
    {"seconds", S(DURATION), .meaning = "time"},
};

static const struct moot_field condition[] = {
    {"max_messages", S(INTEGER), DECIDES,
     .meaning = "so many messages after the opening: an expected end, while `limits.turns` is one "
                "that should not be hit"},
    {"text", S(TEXT), DECIDES,
     .meaning = "a whole line of what an agent's model, or code it ran, said. Space, emphasis "
                "(`**DONE**`), a heading's `#` and a final `.` or `!` do not count; case does; a "
                "line within a code block is not said. Neither the opening nor a person's words "
                "match"},
    {"tokens", S(TOKENS), DECIDES, .meaning = "so many tokens"},
    {"cost", S(MONEY), DECIDES, .meaning = "so much"},
    {"seconds", S(DURATION), DECIDES, .meaning = "so long; cuts a running call"},
    {"handoff", S(AGENT), DECIDES, .meaning = "the floor is handed to"},
    {"speaker", S(AGENT), DECIDES, .meaning = "who has spoken"},
    {"tool_called", S(TOOL), DECIDES, .meaning = "a tool that was called, with success"},
    {"external", S(BOOL), DECIDES, .meaning = "from outside: `moot stop`"},
    {"that", S(EXPR), DECIDES,
     .meaning = "what must hold: an expression over `message` (the text just said), `speaker`, "
                "`turns`, and the item"},
    {"any", LM("condition"), DECIDES, .meaning = "one of these"},
    {"all", LM("condition"), DECIDES,
     .meaning = "all of these: what was met stays met while the others are awaited"},
    {"from", S(AGENT), BESIDE("text"), .meaning = "whose message"},
};

static const struct moot_field pair[] = {
    {"summary", SW(WORD, "last reflect"), DEFAULT("last"),
     .meaning = "`reflect`: at the end the manager's model says what came of it, in the `end` "
                "message; the result stays the answer"},
};

static const struct moot_field group_chat[] = {
    {"next_speaker", SW(WORD, "auto "
        "round_robin random manual"), LW(WORD, "auto round_robin random manual"), LM("rule"),
     DEFAULT("auto"),
     .meaning = "who speaks next: a method, or rules whose last entry is the fallback"},
    {"fallback", SW(WORD, "round_robin random manual"), DEFAULT("round_robin"),
     .meaning = "when `auto` finds nobody, asked three times; among those who may speak"},
    {"transitions", M("speakers"),
     .meaning = "after whom only who may speak; unset: all. Binds every method"},
    {"never", M("speakers"), .meaning = "after whom who may not. Binds every method"},
    {"repeat_speaker", S(BOOL), DEFAULT("no"),
     .meaning = "whether one may speak twice in a row; an agent that its own `transitions` name "
                "may"},
    {"introductions", S(BOOL), DEFAULT("no"), .meaning = "whether all are introduced first"},
};

static const struct moot_field rule[] = {
    {"when", S(EXPR), REQUIRED,
     .meaning = "if this holds: an expression over what `that` of `termination` sees"},
    {"to", S(AGENT), REQUIRED, .meaning = "then who speaks, if it may"},
};

static const struct moot_field speakers[] = {
    {"*", L(AGENT), .meaning = "after this agent: those"},
};

static const struct moot_field swarm[] = {
    {"on_no_handoff", SW(AGENT, "keep return retry stop"),
     .meaning = "where words without a handoff go: to that agent, whose own go back to whoever "
                "spoke to it; `keep`: the speaker keeps the floor, 5 turns at most; `return`: "
                "back to who gave the floor; `retry`: the speaker is asked again, twice; `stop`: "
                "that is the end. Unset: the crew's user proxy, else `stop`"},
};

static const struct moot_field ledger[] = {
    {"max_stalls", S(INTEGER), DEFAULT("3"),
     .meaning = "turns that bring nothing before a new plan is made; a third plan that stalls is "
                "the end"},
};

static const struct moot_field hierarchical[] = {
    {"max_parallel", S(INTEGER), DEFAULT("4"),
     .meaning = "work items that agents work on at once, each in a conversation of its own"},
    {"max_delegations", S(INTEGER), DEFAULT("12"), .meaning = "for each task, its parts included"},
    {"max_rounds", S(INTEGER), DEFAULT("8"),
     .meaning = "how often the manager is asked about a task and its parts"},
    {"max_children", S(INTEGER), DEFAULT("8"), .meaning = "parts of a work item"},
    {"judge", S(AGENT),
     .meaning = "who accepts: it judges what no judge of its own does, and what passes stands; "
                "unset: the manager accepts or rejects every result that passed its checks"},
    {"reassign", S(BOOL), DEFAULT("no"),
     .meaning = "whether the manager may override a task's `agent`"},
    {"on_exhausted", SW(WORD, "fail ask best"), DEFAULT("fail"),
     .meaning = "when a task's attempts or rounds are used up: it fails with what is there so "
                "far, a person is asked, or the best goes on, marked unapproved. A task's own "
                "`on_exhausted` comes before it"},
    {"make_agents", M("make_agents"), LATER,
     .meaning = "from what the manager may make agents; unset: none are made"},
};

static const struct moot_field consensual[] = {
    {"decide", SW(WORD, "answer plan handler gate rubric"), DEFAULT("answer"),
     .meaning = "what is agreed on: which `answer` is the task's result; by which `plan` the task "
                "is done, and then it is; which agent does it (`handler`); whether one author's "
                "work may go ahead (`gate`: an objection that quotes and is high blocks, and the "
                "author mends it); `rubric`: an answer, by grades"},
    {"candidates", S(FIELDS),
     .meaning = "of a task: the list that is voted on (`ideas.list`). Then nobody proposes, its "
                "result is one of these as it is, and a prompt, if there is one, is the question"},
    {"rule", SW(WORD, "plurality approval borda irv condorcet median"), DEFAULT("approval"),
     .meaning = "how votes are counted: one named; all named that one would sign; points for "
                "ranks; ranks, the last goes out; ranks, the winner beats each other one; grades "
                "0 to 10, their median. Nobody votes on its own, so shares are compared: of what "
                "it could have got"},
    {"quorum", S(RATIO), DEFAULT("2/3"), .meaning = "so many of the voters must not abstain"},
    {"threshold", S(RATIO), DEFAULT("1/2"),
     .meaning = "a winner's share is strictly more than this"},
    {"max_rounds", S(INTEGER), DEFAULT("2"),
     .meaning = "without consensus the better half is criticised, mended by whose it is, and "
                "voted on again. It ends early where the order stays as it was"},
    {"voters", SW(WORD, "all"), L(AGENT), DEFAULT("all"),
     .meaning = "who votes: assistants and judges"},
    {"proposers", SW(WORD, "all"), L(AGENT), DEFAULT("all"),
     .meaning = "who proposes: assistants. Of `handler`: who may be chosen; of `gate` the author "
                "is the task's `agent`, else the first of these"},
    {"weights", M("weights"), .meaning = "how much a vote counts; unset: 1"},
    {"critique", SW(WORD, "never auto always"), DEFAULT("auto"),
     .meaning = "whether voters name defects first; `auto`: from the second round on. What quotes "
                "nothing is dropped"},
    {"tie_break", SW(WORD, "seed chair ask"), DEFAULT("seed"),
     .meaning = "between equals, after their contests in pairs: a draw by the run's seed, the "
                "chair, or a person"},
    {"chair", S(AGENT), .meaning = "who decides where the ballots do not, and says why"},
    {"on_no_consensus", SW(WORD, "best chair ask fail ~merge"), DEFAULT("best"),
     .meaning = "after the last round: the one in front goes on, marked unapproved; the chair or a "
                "person decides; or the task fails"},
    {"candidate_cap", S(INTEGER), DEFAULT("6000"),
     .meaning = "characters of a candidate that voters are shown: of more, its beginning and its "
                "end"},
    {"propose_may_act", S(BOOL), DEFAULT("no"),
     .meaning = "whether proposers may have tools that do more than read; what they do then is "
                "done, whoever wins"},
};

static const struct moot_field weights[] = {
    {"*", S(INTEGER), .meaning = "an agent's weight"},
};

static const struct moot_field supervisor[] = {
    {"make_agents", M("make_agents"),
     .meaning = "from what the supervisor may make agents; unset: none are made"},
    {"max_items", S(INTEGER), DEFAULT("50"), .meaning = "work items"},
};

static const struct moot_field make_agents[] = {
    {"tools", L(TOOL), .meaning = "what made agents may call"},
    {"models", L(MODEL), .meaning = "what models they may have"},
    {"max", S(INTEGER), DEFAULT("5"), .meaning = "how many"},
    {"max_steps", S(INTEGER), DEFAULT("25"), .meaning = "steps in a turn of one"},
};

static const struct moot_field experiment[] = {
    {"experiment", S(TEXT), REQUIRED, .meaning = "what is asked"},
    {"crew", S(PATH), REQUIRED, .meaning = "of which crew"},
    {"input", L(PATH), M("texts"), .meaning = "as on the command line of `moot run`"},
    {"variants", M("variants"), REQUIRED,
     .meaning = "overlays on the crew, as by `extends`; `{}`: as it is"},
    {"repeats", S(INTEGER), DEFAULT("5"), .meaning = "runs of each variant"},
    {"seed", S(INTEGER),
     .meaning = "all randomness: a repeat has the same seed in each variant; drawn if unset"},
    {"success", LM("check"),
     .meaning = "run in a fresh copy of the workspace, outside the conversation; no `judge`, no "
                "`person`. Unset: what the crew claims is all that is known"},
    {"limits", M("experiment_limits"), .meaning = "never exceeded; unset: the crew's"},
};

static const struct moot_field texts[] = {
    {"*", S(TEXT), .meaning = "a member of every item"},
};

static const struct moot_field variants[] = {
    {"*", .map = MOOT_MAP_OVERLAY, .table = "crew",
     .meaning = "a variant by its name: what is laid over the crew"},
};

static const struct moot_field experiment_limits[] = {
    {"total", M("total"), .meaning = "bounds of the whole experiment"},
};

#define TABLE(id, title, place, choice, intro)                                                     \
    {#id, title, place, intro, id, MOOT_COUNT(id), choice}
static const struct moot_table tables[] = {
    TABLE(crew, "Crew", "the crew", false, "The top of the file."),
    TABLE(input, "`input`", "input", false, NULL),
    TABLE(manager, "`manager`", "manager", false, NULL),
    TABLE(models, "`models`", "models", false, NULL),
    TABLE(model, "Model", "models.%s", false, "An entry of `models` as a map."),
    TABLE(price, "`price`", "price", false, NULL),
    TABLE(capabilities, "`capabilities`", "capabilities", false, NULL),
    TABLE(timeouts, "`timeouts`", "timeouts", false, NULL),
    TABLE(agents, "`agents`", "agents", false, NULL),
    TABLE(agent, "Agent", "agent '%s'", false, "An entry of `agents`."),
    TABLE(sandbox, "`sandbox`", "sandbox", false, NULL),
    TABLE(view, "`view`", "view", false, NULL),
    TABLE(compaction, "`compaction`", "compaction", false, NULL),
    TABLE(tasks, "`tasks`", "tasks", false, NULL),
    TABLE(task, "Task", "task '%s'", false, "An entry of `tasks`."),
    TABLE(step, "`steps`", "a step", false, "An entry of a task's `steps`."),
    TABLE(chat, "`chat`", "chat", false, NULL),
    TABLE(classify, "`classify`", "classify", false, NULL),
    TABLE(check, "`check`", "a check", true,
          "An entry of a task's `check`. Checks run cheapest first, whatever the order; the "
          "shape of the result is always checked before them."),
    TABLE(tools, "`tools`", "tools", false, NULL),
    TABLE(tool, "Tool", "tool '%s'", false, "An entry of `tools`."),
    TABLE(tool_limits, "`limits` of a tool", "limits", false, NULL),
    TABLE(people, "`people`", "people", false, NULL),
    TABLE(person, "Person", "person '%s'", false, "An entry of `people`."),
    TABLE(mcp, "`mcp`", "mcp", false, NULL),
    TABLE(server, "Server", "mcp.%s", false, "An entry of `mcp`."),
    TABLE(crew_limits, "`limits` of the crew", "limits", false, NULL),
    TABLE(total, "`limits.total`", "total", false, NULL),
    TABLE(limits, "`limits` of a task or an agent", "limits", false, NULL),
    TABLE(condition, "`termination`", "a condition", true, NULL),
    TABLE(pair, "`pair`", "pair", false, NULL),
    TABLE(group_chat, "`group_chat`", "group_chat", false, NULL),
    TABLE(rule, "Rules of `next_speaker`", "a rule", false, NULL),
    TABLE(speakers, "`transitions` and `never`", "%s", false, NULL),
    TABLE(swarm, "`swarm`", "swarm", false, NULL),
    TABLE(ledger, "`ledger`", "ledger", false, NULL),
    TABLE(hierarchical, "`hierarchical`", "hierarchical", false, NULL),
    TABLE(consensual, "`consensual`", "consensual", false, NULL),
    TABLE(weights, "`weights`", "weights", false, NULL),
    TABLE(supervisor, "`supervisor`", "supervisor", false, NULL),
    TABLE(make_agents, "`make_agents`", "make_agents", false, NULL),
    TABLE(experiment, "Experiment file", "the experiment", false, "A file of its own."),
    TABLE(texts, "`input` of an experiment", "input", false, NULL),
    TABLE(variants, "`variants`", "variants", false, NULL),
    TABLE(experiment_limits, "`limits` of an experiment", "limits", false, NULL),
};
/* clang-format on */

const struct moot_table *moot__crew_tables(size_t *count)
{
    *count = MOOT_COUNT(tables);
    return tables;
}

const struct moot_table *moot__crew_table(const char *name)
{
    for (size_t i = 0; name != NULL && i < MOOT_COUNT(tables); i++)
        if (strcmp(tables[i].name, name) == 0)
            return &tables[i];
    return NULL;
}

const struct moot_field *moot__crew_field(const struct moot_table *table, const char *key)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->fields[i].key, "*") == 0 || strcmp(table->fields[i].key, key) == 0)
            return &table->fields[i];
    return NULL;
}

const char *moot__crew_near(const struct moot_table *table, const char *key)
{
    const char *keys[64];
    MOOT_ASSERT(table->count <= MOOT_COUNT(keys));
    for (size_t i = 0; i < table->count; i++)
        keys[i] = table->fields[i].key;
    return moot__near_find(key, keys, table->count);
}

const char *moot__crew_word_at(const struct moot_form *form, size_t i, size_t *len, bool *later)
{
    const char *at = form->words != NULL ? form->words : "";
    at += strspn(at, " ");
    for (; i > 0 && *at != '\0'; i--) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    if (*at == '\0')
        return NULL;
    *later = *at == '~';
    at += *later ? 1 : 0;
    *len = strcspn(at, " ");
    return at;
}

bool moot__crew_word(const struct moot_form *form, const char *word, bool *later)
{
    size_t len;
    const char *at;
    for (size_t i = 0; (at = moot__crew_word_at(form, i, &len, later)) != NULL; i++)
        if (strlen(word) == len && memcmp(at, word, len) == 0)
            return true;
    return false;
}

struct moot_json *moot__crew_default(const char *table, const char *key)
{
    const struct moot_table *t = moot__crew_table(table);
    const struct moot_field *f = t != NULL ? moot__crew_field(t, key) : NULL;
    MOOT_ASSERT(f != NULL);
    struct moot_json *value = NULL;
    if (f->fallback != NULL && moot__crew_scalar(&f->scalar, f->fallback, &value, NULL) != MOOT_OK)
        return NULL;
    return value;
}
