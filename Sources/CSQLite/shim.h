// SQLite for Swift: the two destructor constants are casts, and sqlite3_config is variadic, which the importer does not
// take.
#ifndef GUICHET_CSQLITE_SHIM_H
#define GUICHET_CSQLITE_SHIM_H

#include <sqlite3.h>

static inline sqlite3_destructor_type guichet_sqlite_transient(void) { return SQLITE_TRANSIENT; }
static inline sqlite3_destructor_type guichet_sqlite_static(void) { return SQLITE_STATIC; }
// SQLite counts the bytes that it holds under one lock for all threads, at each malloc and free; nobody asks for them.
// Only before its first connection; afterwards it says SQLITE_MISUSE.
static inline int guichet_sqlite_uncounted(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

#endif
