#include "moot/moot.h"

#include "runtime/http.h"

int moot_init(void)
{
    return moot__http_prepare();
}

void moot_shutdown(void)
{
    moot__http_unprepare();
}
