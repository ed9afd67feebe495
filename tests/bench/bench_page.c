/* How long a page takes. Without arguments: a page of 1.6 MB made by repetition, and 100,000 nested
 * div. With files: each of them, and with --text DIR also their texts as DIR/NAME.txt. */
#include "runtime/page.h"
#include "runtime/utf8.h"

#include <sys/resource.h>
#include <time.h>

/* Processor time: what else the machine does is no part of it. */
static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void measure(const char *name, const char *bytes, size_t len, const char *text_dir)
{
    struct moot_page *page = NULL;
    struct moot_error err = {0};
    double start = now_ms();
    int rc = moot__page_read(bytes, len, NULL, &page, &err);
    double took = now_ms() - start;
    if (rc != 0) {
        printf("%-40s %s\n", name, err.message);
        return;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%-40s %8zu bytes %7.1f ms %6zu tokens %-8s peak %ld MiB%s\n", name, len, took,
           moot__utf8_tokens(page->text, strlen(page->text)), page->charset, usage.ru_maxrss / 1024,
           page->cut ? " cut" : "");
    if (page->warnings[0] != '\0')
        printf("   %s\n", page->warnings);
    if (text_dir != NULL) {
        char path[1024];
        const char *slash = strrchr(name, '/');
        const char *base = slash != NULL ? slash + 1 : name;
        snprintf(path, sizeof(path), "%s/%.*s.txt", text_dir, (int)strcspn(base, "."), base);
        FILE *f = fopen(path, "w");
        if (f != NULL) {
            fputs(page->text, f);
            fclose(f);
        }
    }
    moot__page_free(page);
}

static void measure_made(void)
{
    static const char card[] =
        "<li class=\"card\"><a href=\"/p\"><h3>Wool sock</h3></a><p class=\"price\">&pound;12.50"
        "</p><script>var a = {\"b\": 1};</script><p>Knitted in threes, because the washing machine "
        "always takes one.</p><div style=\"display:none\">hidden</div></li>\n";
    struct moot_buf b;
    moot__buf_init(&b, 4000000);
    moot__buf_adds(&b, "<!doctype html><html lang=en><title>Big</title><body><main><ul>");
    while (b.len < 1600000)
        moot__buf_adds(&b, card);
    measure("1.6 MB of cards", b.data, b.len, NULL);
    moot__buf_clear(&b);
    for (int i = 0; i < 100000; i++)
        moot__buf_adds(&b, "<div>");
    moot__buf_adds(&b, "deep");
    measure("100,000 nested div", b.data, b.len, NULL);
    moot__buf_clear(&b);
    while (b.len < 1600000)
        moot__buf_adds(&b, "\xd0\xca\xc9\xab ");
    measure("1.6 MB in an undeclared charset", b.data, b.len, NULL);
    moot__buf_clear(&b);
    while (b.len < 1600000)
        moot__buf_adds(&b, "<p class=x><b><i>ignore a");
    measure("1.6 MB of unclosed elements", b.data, b.len, NULL);
    moot__buf_clear(&b);
    while (b.len < 1600000)
        moot__buf_adds(&b, "ignore a ");
    measure("one line of 1.6 MB", b.data, b.len, NULL);
    moot__buf_release(&b);
}

static void measure_file(const char *path, const char *text_dir)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        printf("%s: cannot be opened\n", path);
        return;
    }
    char *bytes = malloc(MOOT_MAX_PAGE + 1);
    if (bytes != NULL) {
        size_t len = fread(bytes, 1, MOOT_MAX_PAGE + 1, f);
        measure(path, bytes, len, text_dir);
    }
    free(bytes);
    fclose(f);
}

int main(int argc, char **argv)
{
    const char *text_dir = NULL;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "--text") == 0) {
        text_dir = argv[2];
        first = 3;
    }
    if (first >= argc)
        measure_made();
    for (int i = first; i < argc; i++)
        measure_file(argv[i], text_dir);
    return 0;
}
