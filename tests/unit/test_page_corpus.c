/* Real and made pages against what their text must and must not hold (X1 to X5, I2). The pages are
 * not part of the project: MOOT_SHARED, or the folder beside it, has them, else this is skipped. */
#include "runtime/json.h"
#include "runtime/page.h"
#include "runtime/utf8.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

enum { TRIM_TOKENS = 1500 };

static const char *shared_dir(void)
{
    const char *dir = getenv("MOOT_SHARED");
    if (dir != NULL && access(dir, R_OK) == 0)
        return dir;
    return access(MOOT_SHARED_DIR "/data", R_OK) == 0 ? MOOT_SHARED_DIR : NULL;
}

static char *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        fail_msg("%s cannot be opened", path);
    size_t room = 8 << 20;
    char *bytes = malloc(room);
    assert_non_null(bytes);
    *len = fread(bytes, 1, room - 1, f);
    bytes[*len] = '\0';
    fclose(f);
    return bytes;
}

/* As the rules of comparison say: NFC, nothing of zero width, plain quotes and dashes, white space
 * as one space. The caller frees it. */
static char *normal(const char *text)
{
    char *nfc = moot__utf8_nfc(text, strlen(text));
    assert_non_null(nfc);
    struct moot_buf b;
    moot__buf_init(&b, 64 << 20);
    bool space = true;
    for (const char *p = nfc; *p != '\0';) {
        uint32_t c = 0;
        size_t n = moot__utf8_decode(p, &c);
        if (c == ' ' || (c >= 9 && c <= 13) || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) ||
            c == 0x3000 || c == 0x202F) {
            if (!space)
                moot__buf_addc(&b, ' ');
            space = true;
        } else if (c == 0x2018 || c == 0x2019) {
            moot__buf_addc(&b, '\'');
        } else if (c == 0x201C || c == 0x201D) {
            moot__buf_addc(&b, '"');
        } else if (c == 0x2013 || c == 0x2014) {
            moot__buf_addc(&b, '-');
        } else if (c != 0x200B && c != 0x200C && c != 0x200D && c != 0x2060 && c != 0xFEFF &&
                   c != 0xAD) {
            moot__buf_add(&b, p, n);
        }
        if (b.len > 0 && b.data[b.len - 1] != ' ')
            space = false;
        p += n;
    }
    if (b.len > 0 && b.data[b.len - 1] == ' ')
        moot__buf_truncate(&b, b.len - 1);
    free(nfc);
    char *out = moot__buf_take(&b);
    assert_non_null(out);
    return out;
}

struct tally {
    size_t pages;
    size_t failures;
    size_t phrases;
    size_t kept; /* of them after trimming */
    size_t hidden;
};

/* How many of the phrases are in the text (already normal); `wanted`: name those that are not,
 * else name those that are. */
static size_t count_in(const struct moot_json *phrases, const char *text, const char *name,
                       const char *what, bool wanted)
{
    size_t found = 0;
    for (const struct moot_json *p = moot__json_first(phrases); p != NULL; p = moot__json_next(p)) {
        char *phrase = normal(moot__json_text(p));
        bool there = strstr(text, phrase) != NULL;
        found += there;
        if (there != wanted && what != NULL)
            printf("%s: %s: %s\n", name, what, moot__json_text(p));
        free(phrase);
    }
    return found;
}

static void same(struct tally *t, const char *name, const char *what, const char *got,
                 const char *expected)
{
    char *a = normal(got != NULL ? got : "");
    char *b = normal(expected != NULL ? expected : "");
    if (strcmp(a, b) != 0) {
        printf("%s: %s is \"%s\" and not \"%s\"\n", name, what, a, b);
        t->failures++;
    }
    free(a);
    free(b);
}

static void check_text(struct tally *t, const struct moot_json *expected, const char *name,
                       const struct moot_page *page)
{
    const struct moot_json *must = moot__json_get(expected, "must_contain");
    const struct moot_json *must_not = moot__json_get(expected, "must_not_contain");
    const struct moot_json *hidden = moot__json_get(expected, "soft_must_not_contain_hidden");
    char *text = normal(page->text);
    size_t found = count_in(must, text, name, "missing", true);
    t->phrases += moot__json_count(must);
    t->failures += moot__json_count(must) - found;
    t->failures += count_in(must_not, text, name, "leaked", false);
    t->hidden += count_in(hidden, text, name, "hidden but there", false);
    free(text);
    struct moot_buf trimmed;
    moot__buf_init(&trimmed, 1 << 20);
    assert_int_equal(moot__page_trim(page, TRIM_TOKENS, &trimmed, NULL), 0);
    assert_true(moot__utf8_tokens(trimmed.data, trimmed.len) <= TRIM_TOKENS);
    text = normal(moot__buf_text(&trimmed));
    bool tell = getenv("MOOT_TELL") != NULL;
    size_t kept = count_in(must, text, name, tell ? "trimmed away" : NULL, true);
    t->kept += kept;
    free(text);
    moot__buf_release(&trimmed);
}

static void check_page(struct tally *t, const char *html, const char *json, const char *name)
{
    size_t len = 0;
    char *bytes = read_file(json, &len);
    struct moot_json *expected = NULL;
    assert_int_equal(moot__json_parse(bytes, len, &expected, NULL), 0);
    free(bytes);
    bytes = read_file(html, &len);
    struct moot_page *page = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__page_read(bytes, len, NULL, &page, &err), 0);
    free(bytes);
    t->pages++;
    check_text(t, expected, name, page);
    same(t, name, "title", page->title, moot__json_get_text(expected, "title", NULL));
    same(t, name, "lang", page->lang, moot__json_get_text(expected, "lang", NULL));
    same(t, name, "description", page->description,
         moot__json_get_text(expected, "meta_description", NULL));
    assert_true(moot__utf8_valid(page->text, strlen(page->text), NULL));
    size_t lines = page->text[0] != '\0';
    for (const char *p = page->text; *p != '\0'; p++)
        lines += *p == '\n';
    assert_int_equal(strlen(page->ranks), lines);
    moot__page_free(page);
    moot__json_free(expected);
}

static void check_folder(struct tally *t, const char *html_dir, const char *expected_dir)
{
    DIR *dir = opendir(expected_dir);
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        size_t n = strlen(e->d_name);
        if (n < 6 || strcmp(e->d_name + n - 5, ".json") != 0)
            continue;
        char html[1024];
        char json[1024];
        snprintf(html, sizeof(html), "%s/%.*s.html", html_dir, (int)(n - 5), e->d_name);
        snprintf(json, sizeof(json), "%s/%s", expected_dir, e->d_name);
        check_page(t, html, json, e->d_name);
    }
    closedir(dir);
}

static void report(const char *what, const struct tally *t)
{
    printf("%s: %zu pages, %zu failures, %zu hidden phrases shown, %zu of %zu phrases within %d "
           "tokens\n",
           what, t->pages, t->failures, t->hidden, t->kept, t->phrases, TRIM_TOKENS);
}

static void test_storefronts(void **state)
{
    (void)state;
    char html[1024];
    char expected[1024];
    snprintf(html, sizeof(html), "%s/data/storefronts/html", shared_dir());
    snprintf(expected, sizeof(expected), "%s/data/storefronts/expected", shared_dir());
    struct tally t = {0};
    check_folder(&t, html, expected);
    report("storefronts", &t);
    assert_true(t.pages >= 26);
    assert_int_equal(t.failures, 0);
    assert_int_equal(t.hidden, 0);
    assert_true(t.kept * 100 >= t.phrases * 60);
}

static void test_demo(void **state)
{
    (void)state;
    char html[1024];
    char expected[1024];
    snprintf(html, sizeof(html), "%s/data/demo", shared_dir());
    snprintf(expected, sizeof(expected), "%s/data/demo/expected", shared_dir());
    struct tally t = {0};
    check_folder(&t, html, expected);
    report("demo", &t);
    assert_int_equal(t.pages, 5);
    assert_int_equal(t.failures, 0);
    assert_int_equal(t.hidden, 0);
    assert_true(t.kept * 100 >= t.phrases * 90);
}

static void check_injection(const char *dir, const char *json_name)
{
    char path[1024];
    size_t len = 0;
    snprintf(path, sizeof(path), "%s/%s", dir, json_name);
    char *bytes = read_file(path, &len);
    struct moot_json *j = NULL;
    assert_int_equal(moot__json_parse(bytes, len, &j, NULL), 0);
    free(bytes);
    snprintf(path, sizeof(path), "%s/%s", dir, moot__json_get_text(j, "file", ""));
    bytes = read_file(path, &len);
    struct moot_page *page = NULL;
    struct moot_error err = {0};
    assert_int_equal(moot__page_read(bytes, len, NULL, &page, &err), 0);
    free(bytes);
    const struct moot_json *checks = moot__json_get(j, "checks");
    const struct moot_json *not_there = moot__json_get(checks, "must_not_in_extracted_text");
    for (const struct moot_json *p = moot__json_first(not_there); p != NULL;
         p = moot__json_next(p)) {
        const char *phrase = moot__json_text(p);
        if (strstr(page->text, phrase) != NULL || strstr(page->facts, phrase) != NULL ||
            strstr(page->title, phrase) != NULL || strstr(page->description, phrase) != NULL)
            fail_msg("%s: %s", json_name, phrase);
    }
    const struct moot_json *facts = moot__json_get(j, "benign_facts");
    for (const struct moot_json *p = moot__json_first(facts); p != NULL; p = moot__json_next(p))
        if (strstr(page->text, moot__json_text(p)) == NULL)
            fail_msg("%s: %s is missing", json_name, moot__json_text(p));
    if (moot__json_get_bool(checks, "must_be_flagged", false) != (page->warnings[0] != '\0'))
        fail_msg("%s: warnings: %s", json_name, page->warnings);
    moot__page_free(page);
    moot__json_free(j);
}

static void test_injection(void **state)
{
    (void)state;
    char dir_name[1024];
    snprintf(dir_name, sizeof(dir_name), "%s/data/injection", shared_dir());
    DIR *dir = opendir(dir_name);
    assert_non_null(dir);
    size_t count = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        if (strstr(e->d_name, ".json") != NULL) {
            check_injection(dir_name, e->d_name);
            count++;
        }
    closedir(dir);
    assert_true(count >= 8);
}

int main(void)
{
    if (shared_dir() == NULL) {
        printf("SKIPPED: no test pages: neither MOOT_SHARED nor %s is there\n", MOOT_SHARED_DIR);
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_storefronts),
        cmocka_unit_test(test_demo),
        cmocka_unit_test(test_injection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
