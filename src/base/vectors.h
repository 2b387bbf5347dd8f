// For functions that walk over all pixels or cells of a picture in plain loops: they are compiled once for
// every processor and once for those with wider vectors, and the program takes what fits when it starts. Both
// give the same result, since there is but one source.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define PASSERBY_VECTORS [[gnu::target_clones("avx2", "default")]]
#else
#define PASSERBY_VECTORS
#endif

// Before a loop: its steps do not depend on each other through memory, whatever the compiler may suspect of
// its pointers.
#if defined(__GNUC__) && !defined(__clang__)
#define PASSERBY_APART _Pragma("GCC ivdep")
#else
#define PASSERBY_APART
#endif
