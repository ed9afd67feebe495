/* A run as Markdown. What was said stands in quotes, so that nobody can speak as somebody else, and
 * tags in it are text. */
#include "cli/document.h"
#include "cli/safe.h"
#include "runtime/json.h"

#include <inttypes.h>

/* On one line, with what Markdown would take for its own made plain. */
static void add_plain(struct moot_buf *out, const char *text)
{
    struct moot_buf safe;
    moot__buf_init(&safe, 16 * 1024 * 1024);
    moot__safe_add_line(&safe, text, strlen(text));
    for (size_t i = 0; i < safe.len; i++) {
        if (strchr("\\`*_[]<>#|~!&", safe.data[i]) != NULL)
            moot__buf_addc(out, '\\');
        moot__buf_addc(out, safe.data[i]);
    }
    moot__buf_release(&safe);
}

/* Each line behind a prefix; what would begin a tag or an entity is text. */
static void add_quoted(struct moot_buf *out, const char *prefix, const char *text)
{
    struct moot_buf safe;
    moot__buf_init(&safe, 64 * 1024 * 1024);
    moot__safe_add(&safe, text, strlen(text));
    const char *at = moot__buf_text(&safe);
    while (*at != '\0') {
        size_t len = strcspn(at, "\n");
        moot__buf_adds(out, prefix);
        for (size_t i = 0; i < len; i++) {
            bool tag = at[i] == '<' && i + 1 < len &&
                       (strchr("/!?", at[i + 1]) != NULL || (at[i + 1] | 32) >= 'a');
            if (tag)
                moot__buf_adds(out, "&lt;");
            else
                moot__buf_addc(out, at[i]);
        }
        moot__buf_addc(out, '\n');
        at += len + (at[len] == '\n');
    }
    moot__buf_release(&safe);
}

/* A fence longer than any run of backticks in the text. */
static void add_fenced(struct moot_buf *out, const char *prefix, const char *text)
{
    struct moot_buf safe;
    size_t longest = 2;
    moot__buf_init(&safe, 64 * 1024 * 1024);
    moot__safe_add(&safe, text, strlen(text));
    for (const char *at = strchr(moot__buf_text(&safe), '`'); at != NULL; at = strchr(at, '`')) {
        size_t run = strspn(at, "`");
        longest = run > longest ? run : longest;
        at += run;
    }
    for (int end = 0; end < 2; end++) {
        moot__buf_adds(out, prefix);
        for (size_t i = 0; i < longest + 1; i++)
            moot__buf_addc(out, '`');
        moot__buf_addc(out, '\n');
        const char *line = moot__buf_text(&safe);
        while (end == 0 && *line != '\0') {
            size_t len = strcspn(line, "\n");
            moot__buf_adds(out, prefix);
            moot__buf_add(out, line, len);
            moot__buf_addc(out, '\n');
            line += len + (line[len] == '\n');
        }
    }
    moot__buf_release(&safe);
}

static void md_begin(struct moot_buf *out, const struct moot_doc_head *head)
{
    moot__buf_adds(out, "# ");
    add_plain(out, head->title);
    moot__buf_adds(out, "\n\n");
    add_plain(out, head->facts);
    moot__buf_adds(out, "\n\n**");
    add_plain(out, head->stop);
    moot__buf_adds(out, "**\n\n");
}

static void md_contents(struct moot_buf *out, int level, size_t id, const char *title)
{
    moot__buf_adds(out, level > 1 ? "  - [" : "- [");
    add_plain(out, title);
    moot__buf_addf(out, "](#c%zu)\n", id);
}

static void md_contents_end(struct moot_buf *out)
{
    moot__buf_addc(out, '\n');
}

static void md_section(struct moot_buf *out, int level, size_t id, const char *title)
{
    moot__buf_addf(out, "<a id=\"c%zu\"></a>\n\n%s ", id, level > 1 ? "###" : "##");
    add_plain(out, title);
    moot__buf_adds(out, "\n\n");
}

static void md_saying(struct moot_buf *out, const struct moot_doc_saying *said)
{
    moot__buf_adds(out, "**");
    add_plain(out, said->speaker);
    moot__buf_adds(out, "**");
    if (said->to != NULL) {
        moot__buf_adds(out, " → ");
        add_plain(out, said->to);
    }
    if (said->aside != NULL) {
        moot__buf_adds(out, " (");
        add_plain(out, said->aside);
        moot__buf_adds(out, ")");
    }
    if (said->foot[0] != '\0') {
        moot__buf_adds(out, " · ");
        add_plain(out, said->foot);
    }
    moot__buf_adds(out, "\n\n");
    struct moot_json *fields = NULL;
    struct moot_buf made;
    moot__buf_init(&made, 64 * 1024 * 1024);
    if (strchr(said->text, '{') != NULL &&
        moot__json_parse(said->text, strlen(said->text), &fields, NULL) == MOOT_OK)
        moot__json_write_pretty(fields, &made);
    if (made.len > 0)
        add_fenced(out, "> ", moot__buf_text(&made));
    else
        add_quoted(out, "> ", said->text);
    moot__json_free(fields);
    moot__buf_release(&made);
    moot__buf_addc(out, '\n');
}

static void md_line(struct moot_buf *out, enum moot_doc_tone tone, const char *text)
{
    (void)tone;
    bool first = true;
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = moot__copy(text, len);
        moot__buf_adds(out, first ? "- " : "  - ");
        add_plain(out, line != NULL ? line : "");
        moot__buf_addc(out, '\n');
        free(line);
        text += len + (text[len] == '\n');
        first = false;
    }
    moot__buf_addc(out, '\n');
}

static void md_folded(struct moot_buf *out, const char *summary, enum moot_doc_tone tone,
                      const struct moot_doc_part *parts, size_t count)
{
    (void)tone;
    moot__buf_adds(out, "<details><summary>");
    add_plain(out, summary);
    moot__buf_adds(out, "</summary>\n\n");
    for (size_t i = 0; i < count; i++) {
        if (parts[i].text[0] == '\0')
            continue;
        if (parts[i].label[0] != '\0') {
            add_plain(out, parts[i].label);
            moot__buf_adds(out, "\n\n");
        }
        if (parts[i].code)
            add_fenced(out, "", parts[i].text);
        else
            add_plain(out, parts[i].text);
        moot__buf_adds(out, "\n\n");
    }
    moot__buf_adds(out, "</details>\n\n");
}

static void md_end(struct moot_buf *out, const struct moot_doc_proof *proof)
{
    moot__buf_addf(out,
                   "---\n\nRun `%s`, %" PRId64 " messages, %zu anchors, last link `%s`.\n\n"
                   "To verify: `moot verify %.4s`, or elsewhere `moot show %.4s --json >run.jsonl` "
                   "and there `moot verify run.jsonl`.\n",
                   proof->run, proof->messages, proof->anchors, proof->link, proof->name,
                   proof->name);
}

const struct moot_doc_look moot__doc_markdown = {
    .begin = md_begin,
    .contents = md_contents,
    .contents_end = md_contents_end,
    .section = md_section,
    .saying = md_saying,
    .line = md_line,
    .folded = md_folded,
    .end = md_end,
};
