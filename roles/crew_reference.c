#include "roles/crew_reference.h"

/* ---- the value column ---- */

static void add_words(struct moot_buf *out, const struct moot_form *form)
{
    size_t len;
    bool later, any_later = false;
    const char *word;
    bool first = true;
    for (size_t i = 0; (word = moot__crew_word_at(form, i, &len, &later)) != NULL; i++) {
        any_later = any_later || later;
        if (later)
            continue;
        moot__buf_addf(out, "%s`%.*s`", first ? "" : " ", (int)len, word);
        first = false;
    }
    if (!any_later)
        return;
    moot__buf_adds(out, first ? "(not yet:" : " (not yet:");
    for (size_t i = 0; (word = moot__crew_word_at(form, i, &len, &later)) != NULL; i++)
        if (later)
            moot__buf_addf(out, " `%.*s`", (int)len, word);
    moot__buf_addc(out, ')');
}

static void add_scalar(struct moot_buf *out, const struct moot_form *form)
{
    if (form->words != NULL)
        add_words(out, form);
    if (form->grammar != MOOT_G_WORD)
        moot__buf_addf(out, "%s%s", form->words != NULL ? ", or " : "",
                       moot__crew_grammar_text(form->grammar));
}

/* The page's own name for a table's heading. */
static void add_link(struct moot_buf *out, const struct moot_table *t)
{
    moot__buf_addf(out, "[map](#");
    for (const char *c = t->title; *c != '\0'; c++) {
        char lower = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
        if (lower == ' ')
            moot__buf_addc(out, '-');
        else if ((lower >= 'a' && lower <= 'z') || lower == '_')
            moot__buf_addc(out, lower);
    }
    moot__buf_addc(out, ')');
}

static void add_map(struct moot_buf *out, const struct moot_field *f)
{
    const struct moot_table *t = moot__crew_table(f->table);
    switch (f->map) {
    case MOOT_MAP_TABLE:
        if (strcmp(t->fields[0].key, "*") == 0 && t->fields[0].table != NULL) {
            moot__buf_adds(out, "id → ");
            if (t->fields[0].scalar.grammar != MOOT_G_NONE)
                moot__buf_addf(out, "%s, or ",
                               moot__crew_grammar_text(t->fields[0].scalar.grammar));
            t = moot__crew_table(t->fields[0].table);
        }
        add_link(out, t);
        break;
    case MOOT_MAP_OVERLAY:
        add_link(out, t);
        break;
    case MOOT_MAP_SHAPE:
        moot__buf_adds(out, "[short form](#short-form)");
        break;
    case MOOT_MAP_SCHEMA:
        moot__buf_adds(out, "JSON Schema");
        break;
    case MOOT_MAP_ARGS:
        moot__buf_adds(out, "name → text with placeholders");
        break;
    case MOOT_MAP_ANY:
        moot__buf_adds(out, "map");
        break;
    case MOOT_MAP_NONE:
        break;
    }
}

static void add_value(struct moot_buf *out, const struct moot_field *f)
{
    bool any = false;
    if (f->scalar.grammar != MOOT_G_NONE) {
        add_scalar(out, &f->scalar);
        any = true;
    }
    if (f->list.grammar != MOOT_G_NONE || f->list_table != NULL) {
        moot__buf_adds(out, any ? ", or list of " : "list of ");
        if (f->list.grammar != MOOT_G_NONE)
            add_scalar(out, &f->list);
        if (f->list_table != NULL) {
            moot__buf_adds(out, f->list.grammar != MOOT_G_NONE ? " and " : "");
            add_link(out, moot__crew_table(f->list_table));
        }
        any = true;
    }
    if (f->map != MOOT_MAP_NONE) {
        moot__buf_adds(out, any ? ", or " : "");
        add_map(out, f);
    }
}

/* ---- tables ---- */

/* Why a key may stand or must stand, in front of its meaning. */
static void add_duty(struct moot_buf *out, const struct moot_field *f)
{
    if ((f->flags & MOOT_FIELD_LATER) != 0)
        moot__buf_adds(out, "**Not yet.** ");
    if (f->with != NULL)
        moot__buf_addf(out, "Beside `%s`: ", f->with);
}

static void add_default(struct moot_buf *out, const struct moot_field *f)
{
    if ((f->flags & MOOT_FIELD_REQUIRED) != 0)
        moot__buf_adds(out, "required");
    else if (f->group != NULL && f->group[0] == '!')
        moot__buf_adds(out, "one of these");
    else if (f->fallback != NULL)
        moot__buf_addf(out, "`%s`", f->fallback);
    else if ((f->flags & MOOT_FIELD_DECIDES) == 0)
        moot__buf_adds(out, "none");
}

/* In a cell of a table a bar would end it. */
static void add_cell(struct moot_buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        moot__buf_addf(out, *text == '|' ? "\\%c" : "%c", *text);
}

static void add_table(struct moot_buf *out, const struct moot_table *t)
{
    if (strcmp(t->fields[0].key, "*") == 0 && t->fields[0].table != NULL)
        return; /* a dictionary of tables: told where it is used */
    moot__buf_addf(out, "\n## %s\n\n", t->title);
    if (t->intro != NULL)
        moot__buf_addf(out, "%s%s\n\n", t->intro,
                       t->choice ? " Exactly one of the keys without “beside”." : "");
    else if (t->choice)
        moot__buf_adds(out, "Exactly one of the keys without “beside”.\n\n");
    moot__buf_adds(out, "| key | value | default | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < t->count; i++) {
        const struct moot_field *f = &t->fields[i];
        moot__buf_addf(out, "| %s%s%s | ", f->key[0] == '*' ? "" : "`",
                       f->key[0] == '*' ? "any" : f->key, f->key[0] == '*' ? "" : "`");
        add_value(out, f);
        moot__buf_adds(out, " | ");
        add_default(out, f);
        moot__buf_adds(out, " | ");
        add_duty(out, f);
        add_cell(out, f->meaning);
        moot__buf_adds(out, " |\n");
    }
}

/* ---- the rest of the page ---- */

static const char head[] =
    "# The crew file\n"
    "\n"
    "<!-- Made by `moot schema --reference` from the table of fields; not to be edited by hand. "
    "-->\n"
    "\n"
    "Every key of a crew file. What a value means is decided by its YAML kind alone: a scalar, a "
    "list, a map. What is marked **Not yet** is known to `moot check`, but nothing does it yet.\n"
    "\n"
    "The order of tasks, agents and tools is the order of their keys. With `extends` those of the "
    "base come first; what comes by `<<` follows what is written out. Any prose may be "
    "`{file: PATH}` instead. Files that are read with the crew lie in its project folder: the "
    "nearest one above the crew file that holds `.moot`, else the crew file's own.\n"
    "\n"
    "## Values\n"
    "\n"
    "| value | is written |\n"
    "|---|---|\n"
    "| text | any text; in block form (`\\|`, `>`) where it is long |\n"
    "| text with placeholders | the same, with [placeholders](#placeholders) |\n"
    "| name, agent, task, tool, person | an id: a letter, then letters, digits, `_` and `-` |\n"
    "| model | `provider/model`, or a name in `models` |\n"
    "| secret | `${env:NAME}` or `${file:PATH}` |\n"
    "| bool | `true` or `false`; `yes no on off` are read too, with a note |\n"
    "| integer | `3` |\n"
    "| number of tokens | `4096`, `200k`, `1M` |\n"
    "| size | `512M`, `1G` |\n"
    "| duration | `90s`, `10m`, `2h`, `500ms`; a bare number is seconds |\n"
    "| number | `0.7` |\n"
    "| amount in USD | `0.50` or `0.50 USD` |\n"
    "| ratio | `2/3` |\n"
    "| length | `120..220 words`, `..80 characters`, `600.. tokens`, `3..5 items` |\n"
    "| expression, path into results | [expressions](#expressions) |\n"
    "| pattern | a regular expression (PCRE2) |\n"
    "| type | a scalar of the [short form](#short-form) |\n"
    "\n"
    "## Placeholders\n"
    "\n"
    "`{a.b}` inserts, `\\{` writes a brace, `{x:-default}` defaults what is missing or empty, "
    "`{a.b|2000 tokens}` trims to the part that matters most. Any other brace is literal, and what "
    "is inserted is never expanded again.\n"
    "\n"
    "The first word is the item's name (`{storefront.text}`; `{storefront}` alone is its text), a "
    "task (`{concept.name}`), `item` (the file's own `path name text title lang description "
    "facts`, "
    "or the members of a JSON line), `items` (of all items that have passed that task: "
    "`{items.concept.name}` is a list), `crew` (`name goal date`), in a retry `report` and "
    "`attempt`, in a command or a check `output_file`; else a member of the item (`{topic}`). "
    "Naming a task needs it: it joins `needs`; a list of `needs` that lacks it is an error.\n"
    "\n"
    "## Expressions\n"
    "\n"
    "`when` and `that` are paths without braces, text in quotes, decimal numbers compared exactly, "
    "`true false`, lists, `== != < <= > >= in contains matches and or not ( ) count() empty()`. In "
    "a check the members of the result come first, and `result` is the whole of it.\n"
    "\n"
    "## Short form\n"
    "\n"
    "```\n"
    "TYPE   := SCALAR | [TYPE] | {field: TYPE, …} | \"{placeholder}\"\n"
    "SCALAR := [\"optional \"] (BASE [RANGE [UNIT]] [\"matching \" RE] | a | b | c) [\" - \" "
    "description]\n"
    "BASE   := text | integer | number | bool | date | email | url | uuid | any\n"
    "RANGE  := N..M | N.. | ..M         UNIT := words | characters\n"
    "```\n"
    "\n"
    "`text 1..60 characters`, `optional text - its address`, `high | low`, `number 0..`. The first "
    "` - ` begins the description. A placeholder as value is filled in by the host and not asked "
    "of "
    "the model: `store_id: \"{storefront.store_id}\"`.\n";

static void add_builtins(struct moot_buf *out)
{
    size_t count;
    const struct moot_builtin *b = moot__crew_builtins(&count);
    moot__buf_adds(out, "\n## Built-in tools\n\n| tool | parameters | meaning |\n|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        moot__buf_addf(out, "| `%s` | ", b[i].name);
        const char *at = b[i].parameters != NULL ? b[i].parameters : "";
        for (bool first = true; *at != '\0'; first = false) {
            size_t len = strcspn(at, " ");
            bool optional = *at == '?';
            moot__buf_addf(out, "%s`%.*s`%s", first ? "" : " ", (int)(len - optional),
                           at + optional, optional ? " (optional)" : "");
            at += len;
            at += strspn(at, " ");
        }
        moot__buf_addf(out, " | %s%s |\n", b[i].later ? "**Not yet.** " : "", b[i].meaning);
    }
}

static void add_foreigns(struct moot_buf *out)
{
    size_t count;
    const struct moot_foreign *w = moot__crew_foreigns(&count);
    moot__buf_adds(out, "\n## Words of other frameworks\n\n`moot check` knows them and says ours; "
                        "they are not accepted.\n\n| word | here |\n|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        moot__buf_addf(out, "| `%s`", w[i].word);
        if (w[i].tables != NULL && strchr(w[i].tables, ' ') == NULL)
            moot__buf_addf(out, " of a %s", w[i].tables);
        moot__buf_addf(out, w[i].ours != NULL ? " | `%s` |\n" : " | %s |\n",
                       w[i].ours != NULL ? w[i].ours : w[i].note);
    }
}

int moot__crew_reference(struct moot_buf *out)
{
    size_t count;
    const struct moot_table *tables = moot__crew_tables(&count);
    moot__buf_adds(out, head);
    for (size_t i = 0; i < count; i++)
        add_table(out, &tables[i]);
    add_builtins(out);
    add_foreigns(out);
    return out->status;
}
