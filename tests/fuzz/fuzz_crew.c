/* A crew file: whatever it says, it can be resolved as far as it goes, checked, reported and
 * printed again; a good one gives a journal's canonical JSON. */
#include "tests/fuzz/fuzz.h"

#include "roles/crew_check.h"
#include "roles/crew_print.h"
#include "roles/crew_read.h"
#include "runtime/utf8.h"

static char *text(const char *t)
{
    char *copy = moot__copy(t, strlen(t));
    FUZZ_CHECK(copy != NULL);
    return copy;
}

/* As moot__crew_open, but of a text: no file is read, as the project folder is nowhere. */
static struct moot_crew_file *open_text(const char *data, size_t size)
{
    struct moot_crew_file *f = calloc(1, sizeof(*f));
    FUZZ_CHECK(f != NULL && moot__yaml_new(&f->yaml) == MOOT_OK);
    f->sources[0] =
        (struct moot_crew_source){text("fuzz"), text("/nowhere/fuzz"), text("/nowhere")};
    f->source_count = 1;
    f->project = text("/nowhere");
    f->report.main = f->sources[0].shown;
    if (moot__yaml_parse(f->yaml, "fuzz", data, size, &f->raw, NULL) == MOOT_OK &&
        moot__json_is(f->raw, MOOT_JSON_OBJECT))
        moot__crew_read(f);
    return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct moot_crew_file *f = open_text((const char *)data, size);
    moot__crew_check(f);
    moot__crew_report_sort(&f->report);
    FUZZ_CHECK(!f->report.failed);
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_JSON);
    FUZZ_CHECK(moot__crew_report_print(&f->report, &b) == MOOT_OK);
    FUZZ_CHECK(moot__utf8_valid(moot__buf_text(&b), b.len, NULL));
    moot__buf_clear(&b);
    FUZZ_CHECK(moot__crew_report_json(&f->report, &b) == MOOT_OK);
    struct moot_json *report = NULL;
    FUZZ_CHECK(moot__json_parse(moot__buf_text(&b), b.len, &report, NULL) == MOOT_OK);
    moot__json_free(report);
    moot__buf_clear(&b);
    struct moot_error err = {0};
    if (f->resolved != NULL) {
        int status = moot__json_write_canonical(f->resolved, &b, &err);
        FUZZ_CHECK(status == MOOT_OK || status == MOOT_ETOOBIG);
        moot__buf_clear(&b);
        moot__crew_print(f, &b);
        moot__crew_use_model(f->resolved, "x/y", NULL);
        moot__crew_use_model(f->resolved, "default=x/z", NULL);
    }
    moot__buf_release(&b);
    moot__crew_close(f);
    return 0;
}
