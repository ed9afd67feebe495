#include "runtime/host_state.h"

/* Secrets end where they enter: nothing that comes in is stored, stepped or shown with one in it.
 */
int moot__host_secrets(struct moot_host *h, struct moot_error *err)
{
    h->redact = moot__redact_new();
    if (h->redact == NULL)
        return moot__fail(err, MOOT_ENOMEM, "out of memory");
    for (size_t i = 0; i < h->o.crew->model_count; i++) {
        const struct moot_model_spec *spec = h->o.crew->models[i];
        if (spec->key == NULL)
            continue;
        const char *name = spec->key_name != NULL ? spec->key_name : spec->name;
        int status = moot__redact_add(h->redact, name, spec->key);
        if (status == MOOT_ENOMEM)
            return moot__fail(err, status, "out of memory");
    }
    return MOOT_OK;
}

int moot__host_redact(const struct moot_host *h, char **text)
{
    if (*text == NULL || !moot__redact_found(h->redact, *text, strlen(*text)))
        return MOOT_OK;
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_JSON);
    moot__redact_text(h->redact, *text, strlen(*text), &b);
    char *clean = b.status == MOOT_OK ? moot__buf_take(&b) : NULL;
    moot__buf_release(&b);
    /* a text that cannot be cleaned is not kept */
    free(*text);
    *text = clean != NULL ? clean : strdup("");
    return *text != NULL ? MOOT_OK : MOOT_ENOMEM;
}

void moot__host_redact_words(const struct moot_host *h, char *words, size_t size)
{
    if (!moot__redact_found(h->redact, words, strlen(words)))
        return;
    struct moot_buf b;
    moot__buf_init(&b, MOOT_MAX_JSON);
    moot__redact_text(h->redact, words, strlen(words), &b);
    snprintf(words, size, "%s", moot__buf_text(&b));
    moot__buf_release(&b);
}
