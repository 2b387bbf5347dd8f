// Puts every use on the record before it happens (promise P6): whoever looks, exports or changes something
// gets the pictures only after the ledger has taken the entry. Where it cannot, the use is refused.
//
// Looking is noted once for each login, camera and hour of recordings (live: hour of the clock), and again
// when the purpose changes. Thread-safe; it waits for the disk.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/time.h"
#include "store/accounts.h"
#include "store/ledger.h"

namespace passerby::server {

// Who does something: a session and its token.
struct Actor {
    const std::string& user;
    std::string role;
    const std::string& token;
};

class Uses {
  public:
    static constexpr const char* kUnstated = "unstated";

    // `ledger` may be null: then `error` says why, and every use is refused with it.
    Uses(std::shared_ptr<store::Ledger> ledger, std::string error, Clock& clock)
        : ledger_{std::move(ledger)}, error_{std::move(error)}, clock_{clock} {}

    Status live(const Actor&, const std::string& camera);
    Status recording(const Actor&, const std::string& camera, WallTime at);
    // Anything else that somebody does; `fields` without who and role.
    Result<std::uint64_t> act(const Actor&, std::string_view kind, const ledger::Fields& fields);

    // What happens without an account: a keyholder's answer.
    Result<std::uint64_t> note(std::string_view kind, const ledger::Fields& fields);

    // An export of these segments, with the purpose; gives the entry that its proof is about.
    Result<std::uint64_t> exported(const Actor&, ledger::Fields fields, const std::vector<store::SegmentId>&);

    // What this session looks for from now on: incident, request, maintenance, training, audit or unstated.
    Status state_purpose(const std::string& token, const std::string& purpose);
    std::string purpose(const std::string& token) const;

    void login_failed();
    // The failed logins since the last call, in sum; nothing where there was none.
    Status flush_logins();

    store::Ledger* ledger() const { return ledger_.get(); }  // null: it cannot be written
    const std::string& error() const { return error_; }

  private:
    Status look(const Actor&, std::string_view kind, const std::string& key, ledger::Fields fields);
    Result<store::Ledger*> the_ledger() const;

    const std::shared_ptr<store::Ledger> ledger_;
    const std::string error_;
    Clock& clock_;
    mutable std::mutex mutex_;                     // also held while a look is put on the record
    std::set<std::string, std::less<>> looks_;     // that are on it; guarded by mutex_
    std::map<std::string, std::string> purposes_;  // by token; guarded by mutex_
    std::mutex logins_mutex_;
    std::uint64_t failed_logins_ = 0;  // guarded by logins_mutex_
    WallTime first_failed_{};          // guarded by logins_mutex_
};

}  // namespace passerby::server
