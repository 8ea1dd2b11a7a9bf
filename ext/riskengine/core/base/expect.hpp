// Preconditions of the core: looked at in the debug and sanitizer forms, no code in the release form.
#pragma once

#ifdef RISKENGINE_EXPECT

#include <cstdio>
#include <cstdlib>

namespace riskengine {

[[noreturn]] inline void fail(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: expected %s\n", file, line, condition);
    std::abort();
}

}  // namespace riskengine

#define riskengine_expect(condition) \
    ((condition) ? (void)0 : riskengine::fail(#condition, __FILE__, __LINE__))
constexpr bool riskengine_expects = true;

#else

// The compiler sees the condition, so that it cannot rot, and never computes it.
#define riskengine_expect(condition) ((void)sizeof((condition) ? 1 : 0))
constexpr bool riskengine_expects = false;

#endif
