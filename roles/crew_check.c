#include "roles/crew_check.h"

void moot__crew_check(struct moot_crew_file *f)
{
    if (f->resolved == NULL)
        return;
}
