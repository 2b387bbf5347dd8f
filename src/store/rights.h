// What a person or a script may do: roles, and the cameras that they are for. What each role may do is the
// server's table (server/rights.h); here it is only kept.
//
// No state, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace passerby::store {

// From the one that may do least. `operates` may do all that `views` may.
enum class Role { views, holds_key, audits, operates, administers };
inline constexpr std::array kRoles{Role::views, Role::holds_key, Role::audits, Role::operates,
                                   Role::administers};
// "viewer", "keyholder", "auditor", "operator", "administrator"
std::string_view name(Role);

class Roles {
  public:
    Roles() = default;
    Roles(std::initializer_list<Role> roles) {
        for (const auto role : roles) add(role);
    }
    void add(Role role) { bits_ |= bit(role); }
    bool has(Role role) const { return (bits_ & bit(role)) != 0; }
    bool empty() const { return bits_ == 0; }
    // Those that both have.
    Roles both(Roles other) const { return Roles{bits_ & other.bits_}; }
    // The one that may do most.
    Role highest() const;
    // "operator administrator"
    std::string text() const;
    // invalid: a word that is no role.
    static Result<Roles> parse(std::string_view text);
    bool operator==(const Roles&) const = default;

  private:
    explicit Roles(unsigned bits) : bits_{bits} {}
    static unsigned bit(Role role) { return 1U << static_cast<unsigned>(role); }
    unsigned bits_ = 0;
};

struct Grant {
    Roles roles;
    std::optional<std::set<std::string>> cameras{};  // nothing: all, those to come too

    bool covers(const std::string& camera) const { return !cameras || cameras->contains(camera); }
    // What both give.
    Grant both(const Grant&) const;
    bool operator==(const Grant&) const = default;
};

}  // namespace passerby::store
