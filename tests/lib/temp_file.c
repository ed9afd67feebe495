#include "tests/lib/temp_file.h"

#include "runtime/status.h"

#include <unistd.h>

char *temp_file(const char *suffix, const char *text)
{
    const char *dir = getenv("TMPDIR");
    char path[512];
    int n =
        snprintf(path, sizeof(path), "%s/moot-test-XXXXXX%s", dir != NULL ? dir : "/tmp", suffix);
    MOOT_ASSERT(n > 0 && (size_t)n < sizeof(path));
    int fd = mkstemps(path, (int)strlen(suffix));
    MOOT_ASSERT(fd >= 0);
    size_t len = strlen(text);
    MOOT_ASSERT(write(fd, text, len) == (ssize_t)len);
    MOOT_ASSERT(close(fd) == 0);
    char *out = strdup(path);
    MOOT_ASSERT(out != NULL);
    return out;
}

void temp_file_remove(char *path)
{
    (void)unlink(path);
    free(path);
}
