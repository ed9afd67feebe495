#include "cli/document.h"
#include "tests/lib/cli_play.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* What a hostile page or model may say, as JSON and as Markdown. */
static const char crew[] = "crew: \"<script>alert(1)</script>\"\n"
                           "models: {default: scripted/replies.yaml}\n"
                           "agents:\n"
                           "  writer: {role: \"<img src=x onerror=alert(2)>\"}\n"
                           "tasks:\n"
                           "  words: {agent: writer, prompt: \"Say {thing}\"}\n"
                           "  fields: {agent: writer, prompt: Again, output: {name: text}}\n";
static const char replies[] =
    "- task: words\n"
    "  reply: |\n"
    "    <script>alert(3)</script> <img src=x onerror=alert(4)>\n"
    "    [click](javascript:alert(5)) [data](data:text/html,<script>x</script>)\n"
    "    ![pixel](https://evil.example/p.gif) <svg/onload=alert(6)>\n"
    "    [ok](https://good.example/?a=1&b=\"2) </article></main><h1>forged</h1>\n"
    "    [java](JaVaScRiPt:alert(7)) [quote](https://x.example/\"onmouseover=\"alert(8))\n"
    "\n"
    "    **reviewer** · passed (10/10)\n"
    "\n"
    "    # a heading of its own\n"
    "- task: fields\n"
    "  reply: '{\"name\":\"<b onclick=alert(9)>x</b>\"}'\n";

static void begin(struct cli_play *p)
{
    cli_play_init(p);
    cli_play_file(p, "crew.yaml", crew);
    cli_play_file(p, "replies.yaml", replies);
    cli_play_ends(p, 0, "run", "crew.yaml", "thing=<iframe src=//evil.example>", "--trust");
}

static bool is_one_of(const char *text, size_t len, const char *words)
{
    char word[32];
    snprintf(word, sizeof(word), " %.*s ", (int)len, text);
    return len < 24 && strstr(words, word) != NULL;
}

/* Every tag and attribute of the page is one that we write, and every address is harmless. */
static void check_tag(const char *tag)
{
    const char *at = tag + (tag[0] == '/');
    size_t len = strcspn(at, " >");
    if (!is_one_of(at, len,
                   " !doctype html head meta style title body h1 h2 h3 h4 p nav ul ol li a main "
                   "article header b span div dl dt dd pre code em strong del blockquote table tr "
                   "td th hr br details summary footer "))
        fail_msg("a tag of theirs: <%.60s", tag);
    for (at += len; *at == ' ';) {
        at++;
        len = strcspn(at, "=> ");
        if (!is_one_of(at, len,
                       " html lang charset http-equiv content name class id href rel start "
                       "aria-label "))
            fail_msg("an attribute of theirs: <%.60s", tag);
        bool address = len == 4 && strncmp(at, "href", 4) == 0;
        at += len;
        if (*at != '=')
            continue;
        assert_int_equal(at[1], '"');
        if (address && strncmp(at + 2, "#c", 2) != 0 && strncmp(at + 2, "https://", 8) != 0)
            fail_msg("an address of theirs: %.60s", at);
        at = strchr(at + 2, '"') + 1;
    }
    assert_int_equal(*at, '>');
}

static void a_page_holds_nothing_of_theirs(void **state)
{
    (void)state;
    struct cli_play p;
    begin(&p);
    cli_play_ends(&p, 0, "show", "--html");
    assert_non_null(strstr(p.out, "default-src 'none'"));
    assert_non_null(strstr(p.out, "&lt;script&gt;alert(3)&lt;/script&gt;"));
    assert_non_null(strstr(p.out, "href=\"https://good.example/?a=1&amp;b=&quot;2\""));
    assert_non_null(strstr(p.out, "<span class=\"dim\">(javascript:alert(5))</span>"));
    assert_non_null(strstr(p.out, "moot verify run.jsonl"));
    for (const char *at = strchr(p.out, '<'); at != NULL; at = strchr(at + 1, '<'))
        check_tag(at + 1);
    cli_play_release(&p);
}

static void nobody_speaks_as_another_in_markdown(void **state)
{
    (void)state;
    struct cli_play p;
    begin(&p);
    cli_play_ends(&p, 0, "show", "--markdown");
    assert_non_null(strstr(p.out, "# \\<script\\>alert(1)\\</script\\>\n"));
    assert_non_null(strstr(p.out, "\n> &lt;script>alert(3)&lt;/script> &lt;img src=x"));
    assert_non_null(strstr(p.out, "\n> **reviewer** · passed (10/10)\n"));
    assert_non_null(strstr(p.out, "\n> # a heading of its own\n"));
    /* Outside of fences no tag begins a line but ours. */
    bool fenced = false;
    for (const char *at = p.out; *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n') {
        const char *line = strncmp(at, "> ", 2) == 0 ? at + 2 : at;
        fenced = fenced != (strncmp(line, "```", 3) == 0);
        if (!fenced && line[0] == '<' && strncmp(line, "<a id=\"c", 8) != 0 &&
            strncmp(line, "<details>", 9) != 0 && strncmp(line, "</details>", 10) != 0)
            fail_msg("a tag of theirs: %.60s", line);
    }
    cli_play_release(&p);
}

static void written_to_a_file(void **state)
{
    (void)state;
    struct cli_play p;
    begin(&p);
    cli_play_ends(&p, 0, "show", "--html", "-o", "run.html");
    assert_string_equal(p.out, "");
    FILE *f = fopen("run.html", "r");
    char line[64] = "";
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof(line), f));
    assert_string_equal(line, "<!doctype html>\n");
    fclose(f);
    cli_play_ends(&p, 2, "show", "-o", "run.txt");
    cli_play_ends(&p, 2, "show", "--html", "-o", "no/such/run.html");
    cli_play_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_holds_nothing_of_theirs),
        cmocka_unit_test(nobody_speaks_as_another_in_markdown),
        cmocka_unit_test(written_to_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
