/* Folkmoot: agents that talk, and a journal that proves what they said.
 *
 * Version, symbols, start and end. moot/crew.h runs crews, moot/message.h reads messages,
 * moot/agent.h is what an agent is. */
#ifndef MOOT_MOOT_H
#define MOOT_MOOT_H

/* The only place the version is written; CMake, pkg-config and --version read it from here. */
#define MOOT_VERSION_MAJOR 0
#define MOOT_VERSION_MINOR 1
#define MOOT_VERSION_PATCH 0
#define MOOT_VERSION "0.1.0"

#if defined(__GNUC__)
#define MOOT_API __attribute__((visibility("default")))
#else
#define MOOT_API
#endif

/* Prepares the libraries Folkmoot stands on. Call once, before any other function and before a
 * second thread starts. Changes no signal handler, locale or limit of the process.
 * Returns 0, or a negative MOOT_E* code. */
MOOT_API int moot_init(void);

/* Undoes moot_init. Every run must be closed before. */
MOOT_API void moot_shutdown(void);

#endif
