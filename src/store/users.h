// Who has an account, what for, and the tokens of their scripts. Passwords and logins are accounts.h.
//
// Thread-safe. add() and reset() hash a password: as slow as a login.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/accounts.h"
#include "store/rights.h"

namespace passerby::store {

struct User {
    std::string name;
    Grant grant;
    bool must_change_password = false;
    bool second_factor = false;  // they have one
    WallTime created;  // 0: before it was noted
};

// A secret for a script: with it, its owner's rights as far as `grant` goes, until it ends.
struct Token {
    std::int64_t id = 0;
    std::string user, name;
    Grant grant;
    WallTime created, expires;
    std::optional<WallTime> used{};  // to the hour
};

// A login that lasts. Its id is a part of its token's hash: good to name it, and for nothing else.
struct LiveSession {
    std::string id;
    WallTime created, used;
    bool current = false;  // the one that asks
};

// [a-z0-9._-]{1,32}, beginning with a letter or a digit
bool is_user_name(std::string_view);
// invalid: it is none, with the mend.
Status check_user_name(std::string_view);

class Users {
  public:
    static constexpr std::size_t kMost = 1000;
    static constexpr int kMostTokens = 50;  // of one user
    static constexpr std::chrono::days kLongestToken{366};

    explicit Users(std::shared_ptr<Store> store, std::shared_ptr<Accounts> accounts)
        : store_{std::move(store)}, accounts_{std::move(accounts)} {}

    Result<std::vector<User>> all() const;
    // not_found.
    Result<User> with_name(const std::string&) const;

    // Each gives a one-time password, which its user must change before anything else. invalid: the name.
    // exists, full.
    Result<std::string> add(const std::string& name, const Grant&);
    // Ends all their sessions.
    Result<std::string> reset(const std::string& name);
    // denied: nobody would be left who administers.
    Status administered_without(const std::string& name) const;
    // Takes effect with their next request. denied: nobody would be left who administers.
    Status set_grant(const std::string& name, const Grant&);
    // With their sessions and tokens. denied, as above.
    Status remove(const std::string& name);

    Result<std::vector<Token>> tokens(const std::string& user) const;
    // Its text, given once; only its hash is kept. invalid: longer than kLongestToken. full.
    Result<std::string> add_token(const Token&);
    // not_found: this user has no such token.
    Status end_token(const std::string& user, std::int64_t id);

    Result<std::vector<LiveSession>> sessions(const std::string& user, std::string_view current_token) const;
    // All of them.
    Status end_sessions(const std::string& user);
    // not_found.
    Status end_session(const std::string& user, const std::string& id);

  private:
    const std::shared_ptr<Store> store_;
    const std::shared_ptr<Accounts> accounts_;
};

}  // namespace passerby::store
