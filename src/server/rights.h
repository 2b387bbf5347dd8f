// What each role may do: the one table. Routes ask for a right (routes.h); Api asks this table, and whether
// the camera is one of theirs.
//
// Pure functions, any thread.
#pragma once

#include <array>

#include "store/rights.h"

namespace passerby::server {

enum class Right {
    know,      // that there are cameras, and how they are; the ledger; what a login is for
    look,      // live, and at recordings
    survey,    // of what there are recordings, and where they are missing
    take,      // recordings along
    keep,      // recordings from being deleted
    follow,    // requests to open originals
    open,      // originals: ask for it, and have what the keyholders allowed
    report,    // on all use
    maintain,  // see the health of the machine
    govern,    // say what is shown and who may what
};
inline constexpr std::array kRights{Right::know,     Right::look,   Right::survey, Right::take,
                                    Right::keep,     Right::follow, Right::open,   Right::report,
                                    Right::maintain, Right::govern};

constexpr bool gives(store::Role role, Right right) {
    using enum store::Role;
    switch (right) {
        case Right::know:
            return true;
        case Right::look:
            return role == views || role == operates;
        case Right::survey:
            return role == views || role == operates || role == audits;
        case Right::take:
        case Right::keep:
        case Right::open:
            return role == operates;
        case Right::follow:
            return role == operates || role == holds_key || role == audits;
        case Right::report:
            return role == audits || role == administers;
        case Right::maintain:
            return role == operates || role == administers;
        case Right::govern:
            return role == administers;
    }
    return false;
}

constexpr bool gives(store::Roles roles, Right right) {
    for (const auto role : store::kRoles)
        if (roles.has(role) && gives(role, right)) return true;
    return false;
}

// For the refusal: "that is for operators".
std::string_view whose(Right);

}  // namespace passerby::server
