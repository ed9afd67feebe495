/* Runs a fuzzer over the files of the folders and the files it is given. */
#include "tests/fuzz/fuzz.h"

#include "runtime/buf.h"

#include <dirent.h>

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        return 1;
    }
    struct moot_buf text;
    char chunk[4096];
    moot__buf_init(&text, MOOT_MAX_JSON);
    for (size_t n; (n = fread(chunk, 1, sizeof(chunk), file)) > 0;)
        moot__buf_add(&text, chunk, n);
    fclose(file);
    /* A block of just its size, so that a read past the end is seen. */
    uint8_t *data = malloc(text.len > 0 ? text.len : 1);
    if (data != NULL && text.len > 0)
        memcpy(data, text.data, text.len);
    if (data != NULL)
        LLVMFuzzerTestOneInput(data, text.len);
    free(data);
    moot__buf_release(&text);
    return 0;
}

int main(int argc, char **argv)
{
    int count = 0;
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        if (dir == NULL) {
            failed += replay_file(argv[i]);
            count++;
            continue;
        }
        for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
            char path[1024];
            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
            failed += replay_file(path);
            count++;
        }
        closedir(dir);
    }
    printf("%d inputs, %d unreadable\n", count, failed);
    return count == 0 || failed > 0;
}
