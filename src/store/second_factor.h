// The second factor of a login: a code of an authenticator app (crypto/totp.h), or one of eight recovery
// codes for when the app is lost. Each is good once. The secret is in the catalogue as it is, as it must be
// to check codes; of recovery codes only hashes.
//
// Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/rights.h"
#include "store/store.h"

namespace passerby::store {

// For whom a second factor is not a choice.
enum class SecondFactorRule { optional, administrators, everybody };  // administrators: and keyholders
bool requires_second_factor(SecondFactorRule, Roles);

class SecondFactor {
  public:
    static constexpr int kRecoveryCodes = 8;

    explicit SecondFactor(std::shared_ptr<Store> store) : store_{std::move(store)} {}

    struct State {
        bool on = false;
        int recovery_codes = 0;  // that are left
    };
    Result<State> state(const std::string& user) const;
    // In the place of what was, with new recovery codes, given once. `code` is the app's first, and spent.
    // invalid: it does not fit the secret.
    Result<std::vector<std::string>> set(const std::string& user, const std::string& secret,
                                         std::string_view code) const;
    Status remove(const std::string& user) const;
    // Whether it is one of theirs that was not used; from now on it is.
    Result<bool> spend(const std::string& user, std::string_view code) const;

  private:
    const std::shared_ptr<Store> store_;
};

}  // namespace passerby::store
