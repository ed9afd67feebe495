#include "runtime/code.h"

#include "runtime/utf8.h"

static const char *const python_runners[] = {"python3", "python", NULL};
static const char *const sh_runners[] = {"bash", "sh", NULL};

static const struct moot_code_language python = {"python", ".py", python_runners};
static const struct moot_code_language sh = {"sh", ".sh", sh_runners};

static const struct {
    const char *word;
    const struct moot_code_language *language;
} words[] = {
    {"python", &python}, {"python3", &python}, {"py", &python},
    {"sh", &sh},         {"bash", &sh},        {"shell", &sh},
};

const struct moot_code_language *moot__code_language(const char *name, size_t len)
{
    for (size_t i = 0; i < MOOT_COUNT(words); i++)
        if (strlen(words[i].word) == len && moot__ascii_same(words[i].word, name, len))
            return words[i].language;
    return NULL;
}

const char *moot__code_languages(void)
{
    return "python or sh";
}
