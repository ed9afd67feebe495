/* Which name a model means, whatever it wraps it in. */
#include "roles/speakers.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char *members[] = {"planner", "web_surfer", "writer", "senior_writer", "coder-2"};
enum { PLANNER, SURFER, WRITER, SENIOR, CODER, COUNT, SEVERAL, NOBODY };

/* The planner spoke last and may not speak again. */
static const bool allowed[COUNT] = {false, true, true, true, true};

static const struct {
    const char *text;
    int want;
} replies[] = {
    {"writer", WRITER},
    {" Writer.\n", WRITER},
    {"WRITER", WRITER},
    {"\"writer\"", WRITER},
    {"**writer**", WRITER},
    {"`web_surfer`", SURFER},
    {"web\\_surfer", SURFER},
    {"Web Surfer", SURFER},
    {"web-surfer", SURFER},
    {"WebSurfer", SURFER},
    {"\xe2\x80\x9cweb_surfer\xe2\x80\x9d", SURFER},
    {"Coder 2", CODER},
    {"coder_2!", CODER},
    {"@web_surfer", SURFER},
    {"{\"next\":\"web_surfer\"}", SURFER},
    {"```json\n{\"reason\": \"planner and writer are done\", \"next_speaker\": \"coder-2\"}\n```",
     CODER},
    {"{'speaker': 'Senior Writer'}", SENIOR},
    {"The planner is done.\nNext speaker: **writer**, who has the facts", WRITER},
    {"Next speaker: writer, then planner", SEVERAL},
    {"The planner has spoken.\nNEXT: web surfer", SURFER},
    {"**Next:** writer", WRITER},
    {"<think>planner, or writer? The web_surfer.</think>\nwriter", WRITER},
    {"The planner has spoken, so it is the writer's turn.\n\nwriter", WRITER},
    /* inside a sentence */
    {"I would let the writer speak.", WRITER},
    {"The writer should go next: the writer knows.", WRITER},
    /* a longer name before one that it holds */
    {"The senior writer, please.", SENIOR},
    {"senior_writer", SENIOR},
    {"First the senior writer, then the writer", SEVERAL},
    {"writer or web_surfer", SEVERAL},
    {"planner, writer", SEVERAL},
    {"{\"next\":\"writer and coder-2\"}", SEVERAL},
    /* only whole words are names */
    {"the rewriter", NOBODY},
    {"writers", NOBODY},
    {"writer\xc3\xa9", NOBODY},
    {"coder-22", NOBODY},
    {"surfer", NOBODY},
    {"nobody in particular", NOBODY},
    {"", NOBODY},
    {"{}", NOBODY},
    {"{\"reason\":\"the writer is done\",\"next\":\"the user\"}", NOBODY},
    {"{\"next\": null, \"reason\": \"the writer is done\"}", NOBODY},
    {"<think>writer</think>", NOBODY},
    /* known, but not now */
    {"planner", PLANNER},
    {"{\"next\":\"planner\"}", PLANNER},
    {"Let the planner go on.", PLANNER},
};

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < MOOT_COUNT(replies); i++) {
        size_t which = 99;
        int want = replies[i].want;
        enum moot_speaker_read read =
            moot__speaker_read(replies[i].text, members, COUNT, allowed, &which);
        enum moot_speaker_read wanted = want == NOBODY    ? MOOT_SPEAKER_NOBODY
                                        : want == SEVERAL ? MOOT_SPEAKER_SEVERAL
                                        : want == PLANNER ? MOOT_SPEAKER_FORBIDDEN
                                                          : MOOT_SPEAKER_FOUND;
        if (read != wanted || (want < COUNT && which != (size_t)want))
            fail_msg("'%s' is read as %d, %zu", replies[i].text, (int)read, which);
    }
}

/* Names that look alike: what is written just so is meant; else neither is. */
static void alike(void **state)
{
    (void)state;
    static char *twins[] = {"web_surfer", "web-surfer", "websurfer"};
    const bool all[] = {true, true, true};
    size_t which = 99;
    assert_int_equal(moot__speaker_read("web-surfer", twins, 3, all, &which), MOOT_SPEAKER_FOUND);
    assert_int_equal(which, 1);
    assert_int_equal(moot__speaker_read("Ask web-surfer now", twins, 3, all, &which),
                     MOOT_SPEAKER_FOUND);
    assert_int_equal(which, 1);
    assert_int_equal(moot__speaker_read("Web Surfer", twins, 3, all, &which), MOOT_SPEAKER_SEVERAL);
}

/* Whatever is said, nobody is found who may not speak, and of one name nobody else is. */
static void never_forbidden(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "planner",  "writer", "senior", "web",      "surfer", "coder",  "2",   "_",
        "-",        " ",      "\\",     "\n",       "\"",     "'",      "`",   "**",
        ",",        "{",      "}",      ":",        "next",   "NEXT",   "Web", "\xc3",
        "\xc3\xa9", "\xff",   "```",    "</think>", "null",   "speaker"};
    uint32_t seed = 12345;
    for (int round = 0; round < 200000; round++) {
        struct moot_buf text;
        bool may[COUNT];
        size_t which = 99;
        moot__buf_init(&text, 1000);
        for (int i = round % 12; i >= 0; i--) {
            seed = seed * 1664525 + 1013904223;
            moot__buf_adds(&text, pieces[(seed >> 8) % MOOT_COUNT(pieces)]);
        }
        for (size_t i = 0; i < COUNT; i++)
            may[i] = (seed >> (16 + i)) & 1;
        enum moot_speaker_read read = moot__speaker_read(text.data, members, COUNT, may, &which);
        if (read == MOOT_SPEAKER_FOUND && (which >= COUNT || !may[which]))
            fail_msg("'%s' finds %zu", text.data, which);
        if (read == MOOT_SPEAKER_FORBIDDEN && (which >= COUNT || may[which]))
            fail_msg("'%s' forbids %zu", text.data, which);
        moot__buf_release(&text);
    }
    assert_int_equal(moot__speaker_read("writer", members, 0, NULL, &(size_t){0}),
                     MOOT_SPEAKER_NOBODY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(alike),
        cmocka_unit_test(never_forbidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
