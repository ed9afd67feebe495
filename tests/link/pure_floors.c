/* Agents, roles and the pure part of the runtime, linked whole and with nothing else: no event
 * loop, no network, no database. That it links is the test; that it runs shows that all of it is
 * there. */
#include "roles/roles.h"

int main(void)
{
    static const char *const names[] = {"assistant", "judge", "runner", "graph", "sequential"};
    for (size_t i = 0; i < MOOT_COUNT(names); i++)
        if (moot__role(names[i]) == NULL)
            return 1;
    return 0;
}
