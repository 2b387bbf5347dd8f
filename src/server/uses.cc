#include "server/uses.h"

#include <algorithm>
#include <array>

#include "base/log.h"

namespace passerby::server {

namespace {

constexpr std::size_t kMostRemembered = 20'000;
constexpr std::array kPurposes{"incident", "request", "maintenance", "training", "audit", Uses::kUnstated};

using Hours = std::chrono::hours;

WallTime hour_of(WallTime time) {
    return {std::chrono::floor<Hours>(time.since_epoch)};
}

}  // namespace

Result<store::Ledger*> Uses::the_ledger() const {
    if (ledger_) return ledger_.get();
    return fail(ErrorKind::unavailable, "this is only done when it can be put on the record: {}", error_);
}

Result<std::uint64_t> Uses::act(const Actor& actor, std::string_view kind, const ledger::Fields& fields) {
    auto* ledger = TRY(the_ledger());
    ledger::Fields all{{"who", ledger->pseudonym(actor.user)}, {"role", actor.role}};
    all.update(fields);
    auto done = ledger->append(kind, all);
    if (!done) log_error("nothing is shown that cannot be put on the record: {}", done.error().message);
    return done;
}

Result<std::uint64_t> Uses::note(std::string_view kind, const ledger::Fields& fields) {
    auto* ledger = TRY(the_ledger());
    return ledger->append(kind, fields);
}

Result<std::uint64_t> Uses::exported(const Actor& actor, ledger::Fields fields,
                                     const std::vector<store::SegmentId>& segments) {
    auto* ledger = TRY(the_ledger());
    ledger::Fields all{{"who", ledger->pseudonym(actor.user)}, {"role", actor.role}};
    fields["purpose"] = purpose(actor.token);
    all.update(fields);
    return ledger->append_export(all, segments);
}

Status Uses::look(const Actor& actor, std::string_view kind, const std::string& what, ledger::Fields fields) {
    const std::lock_guard lock{mutex_};
    const auto found = purposes_.find(actor.token);
    const auto purpose = found == purposes_.end() ? std::string{kUnstated} : found->second;
    const auto key = fmt::format("{} {} {} {}", actor.token, kind, what, purpose);
    if (looks_.contains(key)) return {};
    fields["purpose"] = purpose;
    TRY(act(actor, kind, fields));
    if (looks_.size() >= kMostRemembered) looks_.clear();  // noted twice is better than not
    looks_.insert(key);
    return {};
}

Status Uses::live(const Actor& actor, const std::string& camera) {
    const auto hour = hour_of(clock_.wall());
    return look(actor, "live", fmt::format("{} {}", camera, hour.micros()), {{"camera", camera}});
}

Status Uses::recording(const Actor& actor, const std::string& camera, WallTime at) {
    const auto hour = hour_of(at);
    return look(actor, "view", fmt::format("{} {}", camera, hour.micros()),
                {{"camera", camera}, {"from", to_iso8601(hour)}, {"to", to_iso8601(hour + Hours{1})}});
}

Status Uses::state_purpose(const std::string& token, const std::string& purpose) {
    if (std::ranges::find(kPurposes, purpose) == kPurposes.end())
        return fail(ErrorKind::invalid,
                    "'{}' is no purpose; choose incident, request, maintenance, training, audit or "
                    "unstated",
                    purpose.substr(0, 40));
    const std::lock_guard lock{mutex_};
    if (purposes_.size() >= kMostRemembered) purposes_.clear();
    purposes_[token] = purpose;
    return {};
}

std::string Uses::purpose(const std::string& token) const {
    const std::lock_guard lock{mutex_};
    const auto found = purposes_.find(token);
    return found == purposes_.end() ? kUnstated : found->second;
}

void Uses::login_failed() {
    const std::lock_guard lock{logins_mutex_};
    if (failed_logins_++ == 0) first_failed_ = clock_.wall();
}

Status Uses::flush_logins() {
    const std::lock_guard lock{logins_mutex_};
    if (failed_logins_ == 0) return {};
    auto* ledger = TRY(the_ledger());
    TRY(ledger->append("logins", {{"failed", failed_logins_},
                                  {"from", to_iso8601(first_failed_)},
                                  {"to", to_iso8601(std::max(clock_.wall(), first_failed_))}}));
    failed_logins_ = 0;
    return {};
}

}  // namespace passerby::server
