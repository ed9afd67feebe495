/* Force-included in every file: calls that cannot be used safely do not compile. */
#ifndef MOOT_BANNED_H
#define MOOT_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOOT_BANNED(call, instead) call##_is_banned_use_##instead
#undef strcpy
#define strcpy(a, b) MOOT_BANNED(strcpy, moot__buf_add)
#undef strcat
#define strcat(a, b) MOOT_BANNED(strcat, moot__buf_add)
#undef strncpy
#define strncpy(a, b, n) MOOT_BANNED(strncpy, memcpy)
#undef strncat
#define strncat(a, b, n) MOOT_BANNED(strncat, moot__buf_add)
#undef sprintf
#define sprintf(...) MOOT_BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...) MOOT_BANNED(vsprintf, vsnprintf)
#undef gets
#define gets(a) MOOT_BANNED(gets, fgets)
#undef strtok
#define strtok(a, b) MOOT_BANNED(strtok, strcspn)
#undef atoi
#define atoi(a) MOOT_BANNED(atoi, moot__int_parse)
#undef atol
#define atol(a) MOOT_BANNED(atol, moot__int_parse)
#undef atoll
#define atoll(a) MOOT_BANNED(atoll, moot__int_parse)
#undef atof
#define atof(a) MOOT_BANNED(atof, moot__decimal_parse)
#undef system
#define system(a) MOOT_BANNED(system, moot_world_spawn)
#undef popen
#define popen(a, b) MOOT_BANNED(popen, moot_world_spawn)
#undef tmpnam
#define tmpnam(a) MOOT_BANNED(tmpnam, mkstemp)
#undef mktemp
#define mktemp(a) MOOT_BANNED(mktemp, mkstemp)
#undef alloca
#define alloca(a) MOOT_BANNED(alloca, malloc)

#endif
