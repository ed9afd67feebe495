#include "runtime/shared.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

/* One for all libraries: none opens another one. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int lacks(const struct moot_shared *library, struct moot_error *err, const char *why)
{
    moot__fail(err, MOOT_EUNSUPPORTED, "%s needs a library that cannot be used: %s",
               library->purpose, why != NULL ? why : library->soname);
    moot__fail_hint(err, "apt install %s", library->package);
    return MOOT_EUNSUPPORTED;
}

static int fill(const struct moot_shared *library, void *handle, struct moot_error *err)
{
    for (size_t i = 0; i < library->count; i++) {
        const struct moot_symbol *symbol = &library->symbols[i];
        void *address = dlsym(handle, symbol->name);
        if (address == NULL)
            return lacks(library, err, dlerror());
        /* C has no cast from an object's pointer to a function's. */
        memcpy((char *)library->table + symbol->offset, &address, sizeof(address));
    }
    return MOOT_OK;
}

static int open_locked(struct moot_shared *library, struct moot_error *err)
{
    if (library->open)
        return MOOT_OK;
    void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == NULL)
        return lacks(library, err, dlerror());
    int status = fill(library, handle, err);
    library->open = status == MOOT_OK;
    return status;
}

int moot__shared_open(struct moot_shared *library, struct moot_error *err)
{
    pthread_mutex_lock(&lock);
    int status = open_locked(library, err);
    pthread_mutex_unlock(&lock);
    return status;
}
