// Who may log in, and who is logged in; kept in the catalogue. Passwords are kept as argon2id, session tokens
// as a hash.
//
// Thread-safe. verify() and change_password() take about 0.1 s and 64 MiB; at most two run at once, others
// wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/rights.h"
#include "store/store.h"

namespace passerby::store {

struct FirstLogin {
    std::string user, password;
};

struct Login {
    enum class Outcome {
        ok,
        wrong,       // user, password or code: it does not say which, and takes the same time
        needs_code,  // all right so far, but they have a second factor
        throttled,   // too many failures for this name: nothing was looked at, try again after `retry_after`
    };
    Outcome outcome = Outcome::wrong;
    bool must_change_password = false;   // when ok
    std::chrono::seconds retry_after{};  // when throttled
};

// Who asks: somebody who logged in, or a script with a token of theirs.
struct Session {
    std::string user;
    bool must_change_password = false;
    WallTime created, expires;  // expires: the absolute end
    Grant grant;                // as it is now
    bool by_token = false;
    bool second_factor = false;  // they have one
};

// Of argon2id; tests choose less.
struct PasswordCost {
    unsigned long long operations = 2;
    std::size_t memory = 64u << 20;  // bytes
};

class Accounts {
  public:
    static constexpr int kFailures = 10;  // per name in kFailureWindow
    static constexpr std::chrono::minutes kFailureWindow{15};
    static constexpr std::chrono::minutes kIdle{30};
    static constexpr std::chrono::hours kAbsolute{12};
    static constexpr std::size_t kLeastCharacters = 10;
    static constexpr std::size_t kMostBytes = 1024;
    static constexpr std::string_view kTokenPrefix = "passerby_";  // of a script's token

    // Makes the user `admin` with a one-time password when there is no user yet, and a new one-time password
    // as long as the first was not changed, so that nobody is locked out: see first_login().
    static Result<std::unique_ptr<Accounts>> open(std::shared_ptr<Store>, PasswordCost = {});
    ~Accounts();

    // The one-time password of this start, to be shown to the owner and never to be logged. Given once, then
    // nothing.
    std::optional<FirstLogin> take_first_login();

    // An error is the catalogue's or the machine's; a wrong password is an outcome.
    // `code`: of the second factor, for who has one.
    Result<Login> verify(std::string_view user, std::string_view password, std::string_view code = {});

    // `old` is verified like a login, and counted like one. Ends all sessions of the user but that of
    // `keep_token`. invalid: the new one is shorter than kLeastCharacters, longer than kMostBytes, or the old
    // one; nothing was changed.
    Result<Login> change_password(std::string_view user, std::string_view old_password,
                                  std::string_view new_password, std::string_view keep_token);

    // A new session; 256 random bits in base64url (43 characters), for the cookie. Only its hash is kept.
    Result<std::string> create_session(const std::string& user);
    // Of a login: if it exists, was used in the last kIdle and is younger than kAbsolute; counts as a use. Of
    // a script's token (Users::add_token): until it ends, with what both the token and its owner may do.
    Result<std::optional<Session>> session(std::string_view token);
    // Ends it; no error when there is none.
    Status end_session(std::string_view token);

    // For Users.
    Result<std::string> hash(std::string_view password);

  private:
    struct Impl;
    Result<Login> verify_password(std::string_view user, std::string_view password, std::string_view code,
                                  bool is_login);
    explicit Accounts(std::unique_ptr<Impl>);
    std::unique_ptr<Impl> impl_;
};

}  // namespace passerby::store
