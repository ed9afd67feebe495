#include "tests/lib/shared_data.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

char *shared_data(const char *fallback, const char *name, size_t *len)
{
    const char *dir = getenv("MOOT_SHARED");
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", dir != NULL ? dir : fallback, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        print_message("SKIPPED: %s is not there\n", path);
        skip();
    }
    struct moot_buf b;
    moot__buf_init(&b, 256u << 20);
    char piece[65536];
    for (size_t n; (n = fread(piece, 1, sizeof(piece), f)) > 0;)
        assert_int_equal(moot__buf_add(&b, piece, n), MOOT_OK);
    fclose(f);
    if (len != NULL)
        *len = b.len;
    return moot__buf_take(&b);
}
