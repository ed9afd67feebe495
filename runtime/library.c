#include "moot/moot.h"

#include "runtime/sign.h"

int moot_init(void)
{
    return moot__sign_prepare();
}

/* What is set up for a loop ends with the loop, and libsodium needs no end. */
void moot_shutdown(void)
{
}
