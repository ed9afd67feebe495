#include "cli/paint.h"
#include "cli/speech.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void emit(void *arg, const char *line, size_t len)
{
    moot__buf_add(arg, line, len);
    moot__buf_addc(arg, '\n');
}

/* The text in one piece, then byte by byte: the lines must be the same. */
static void check(const char *text, size_t width, int colours, const char *want)
{
    for (int piece = 0; piece < 2; piece++) {
        struct moot_buf out;
        struct moot_speech s;
        moot__buf_init(&out, 65536);
        moot__speech_init(&s, "| ", width, colours, emit, &out);
        moot__speech_begin(&s, MOOT_INK_NONE);
        size_t step = piece == 0 ? strlen(text) : 1;
        for (size_t at = 0; text[at] != '\0'; at += step)
            moot__speech_text(&s, text + at, step);
        moot__speech_end(&s);
        assert_string_equal(moot__buf_text(&out), want);
        moot__speech_release(&s);
        moot__buf_release(&out);
    }
}

static void words_in_lines(void **state)
{
    (void)state;
    check("the quick brown fox jumps", 22, 0, "| the quick brown fox\n| jumps\n");
    check("one\n\ntwo", 22, 0, "| one\n|\n| two\n");
    check("abcdefghijklmnopqrstuvwxyz", 22, 0, "| abcdefghijklmnopqrst\n| uvwxyz\n");
    check("- a list entry goes on\n- next", 22, 0, "| - a list entry goes\n|   on\n| - next\n");
    check("日本語日本語日本語日本語", 22, 0, "| 日本語日本語日本語日\n| 本語\n");
    check("", 22, 0, "");
}

static void markdown(void **state)
{
    (void)state;
    check("**Lonely**: a *b*", 40, 0, "| **Lonely**: a *b*\n");
    check("**Lonely**: a", 40, 16, "| \x1b[1mLonely\x1b[0m: a\n");
    check("2 * 3 `x`", 40, 16, "| 2 * 3 \x1b[36mx\x1b[0m\n");
    /* Bold over the end of a line begins anew on the next. */
    check("**the quick brown fox jumps**", 22, 16,
          "| \x1b[1mthe quick brown fox\x1b[0m\n| \x1b[1mjumps\x1b[0m\n");
}

static void json(void **state)
{
    (void)state;
    check("{\"name\": \"Lost\", \"n\": 12, \"tags\": [\"a\", \"b\"], \"in\": {\"x\": true}}", 40, 0,
          "| name  Lost\n| n  12\n| tags\n|   - a\n|   - b\n| in\n|   x  true\n");
    check("{\"t\":\"a\\nb\\u00e9\\ud83d\\ude00\\\"\"}", 40, 0, "| t  a\n|   bé😀\"\n");
    check("{\"a\": \"one two three four five\", \"b\": [\"six seven eight nine\"]}", 22, 0,
          "| a  one two three\n|   four five\n| b\n|   - six seven eight\n|     nine\n");
    /* An escape in a string is as harmless as elsewhere. */
    check("{\"t\":\"\\u001b[31m\"}", 40, 0, "| t  ␛[31m\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_in_lines),
        cmocka_unit_test(markdown),
        cmocka_unit_test(json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
