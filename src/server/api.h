// The API of doc/api.md without the network: a request in, a reply out. Promise kept here: no route is
// answered before its right to be used was checked (run() is the only caller of the handlers).
//
// Thread-safe. plan() never waits; run() waits for the store and belongs on the threads of Route::work().
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "ledger/monthly_use.h"
#include "server/about_page.h"
#include "server/camera_list.h"
#include "server/camera_settings.h"
#include "server/guard.h"
#include "server/http.h"
#include "server/routes.h"
#include "server/scenes_seen.h"
#include "server/server.h"
#include "server/static_file.h"
#include "server/uses.h"
#include "server/web_files.h"
#include "store/activity.h"
#include "store/approvals.h"
#include "store/masks.h"
#include "store/openings.h"
#include "store/protections.h"
#include "store/sealed.h"
#include "store/second_factor.h"
#include "store/users.h"

namespace passerby::server {

// A request whose right was checked. Lives as long as the handler's call.
struct Call {
    const Request& request;
    const std::string& id;          // of the route's pattern
    const store::Session* session;  // null with Access::anyone
    const std::string& token;       // the session's
    Actor actor() const { return {session->user, std::string{name(session->grant.roles.highest())}, token}; }
    // Whether the camera is one of theirs.
    bool covers(const std::string& camera) const { return session->grant.covers(camera); }
    const std::atomic<bool>& gone;  // the client is, or we stop: give up
};

class Api {
  public:
    // Browsers take the second one only with TLS, from this host alone, and for all of it.
    static constexpr std::string_view kCookie = "passerby_session", kSecureCookie = "__Host-passerby_session";
    static std::string_view cookie_for(const Request& request) {
        return request.secure ? kSecureCookie : kCookie;
    }
    static constexpr int kExports = 2;  // at once

    struct World {
        std::shared_ptr<CameraList> cameras;
        std::shared_ptr<store::Store> store;
        std::shared_ptr<store::Accounts> accounts;
        Clock& clock;
        std::string version;
        std::shared_ptr<store::Ledger> ledger;  // null: ledger_error says why
        std::string ledger_error;
        HostRule hosts;
        WebFiles web;
        store::SecondFactorRule second_factor = store::SecondFactorRule::optional;
        About about{};
        std::shared_ptr<CameraSettings> settings{};  // may be null
    };
    explicit Api(World);

    struct Plan {
        std::unique_ptr<Reply> reply;  // at once: a file of the app, or a refusal; null: run() it
        const Route* route = nullptr;
        std::string id;
    };
    Plan plan(const Request&) const;
    Reply run(const Plan&, const Request&, const std::atomic<bool>& gone);

    // For the live view: `{"type": "state", "camera": Camera}`.
    std::string state_message(const CameraEntry&) const;
    // Whether the session still gives the right to look. An error of the catalogue counts as no.
    bool may_look(const std::string& token, const std::string& camera) const;
    // Whether the camera is still set as this entry says.
    bool is_current(const CameraList::Entry& entry) const { return world_.cameras->find(entry->id) == entry; }
    // Grows whenever a session may have ended before its time.
    std::uint64_t sessions_ended() const { return sessions_ended_; }

    // The handlers, one for each route.
    Reply log_in(const Call&);
    Reply log_out(const Call&);
    Reply session(const Call&);
    Reply change_password(const Call&);
    Reply cameras(const Call&);
    Reply camera(const Call&);
    Reply live(const Call&);
    Reply timeline(const Call&);
    Reply days(const Call&);
    Reply hours(const Call&);
    Reply playlist(const Call&);
    Reply segment(const Call&);
    Reply export_span(const Call&);
    Reply health(const Call&);
    Reply scene(const Call&);
    Reply scene_picture(const Call&);
    Reply approve_scene(const Call&);
    Reply withdraw_scene(const Call&);
    Reply protect(const Call&);
    Reply unprotect(const Call&);
    Reply ledger_file(const Call&);
    Reply ledger_state(const Call&);
    Reply ledger_entries(const Call&);
    Reply use_report(const Call&);
    Reply state_purpose(const Call&);
    Reply export_proof(const Call&);
    Reply openings(const Call&);
    Reply request_opening(const Call&);
    Reply opening(const Call&);
    Reply opening_request(const Call&);
    Reply answer_opening(const Call&);
    Reply open_originals(const Call&);
    Reply opening_part(const Call&);
    Reply masks(const Call&);
    Reply set_masks(const Call&);
    Reply agree_to_masks(const Call&);
    Reply places(const Call&);
    Reply set_places(const Call&);
    Reply activity(const Call&);
    Reply sessions(const Call&);
    Reply end_session(const Call&);
    Reply tokens(const Call&);
    Reply add_token(const Call&);
    Reply end_token(const Call&);
    Reply second_factor(const Call&);
    Reply set_second_factor(const Call&);
    Reply end_second_factor(const Call&);
    Reply end_second_factor_of(const Call&);
    Reply users(const Call&);
    Reply add_user(const Call&);
    Reply set_user(const Call&);
    Reply reset_user(const Call&);
    Reply remove_user(const Call&);
    Reply settings(const Call&);
    Reply set_camera(const Call&);
    Reply remove_camera(const Call&);
    Reply test_camera(const Call&);
    Reply set_retention(const Call&);
    Reply agree_to_settings(const Call&);
    Reply settings_backup(const Call&);
    Reply find_cameras(const Call&);
    Reply find_streams(const Call&);
    Reply openapi(const Call&);
    Reply about_site(const Call&);
    Reply about_page(const Call&);
    Reply about_sign(const Call&);
    Reply about_style(const Call&);

    // What the server itself has to say in the ledger now and then: failed logins.
    Status flush_logins() { return uses_.flush_logins(); }

  private:
    Reply answer(const Plan&, const Request&, const std::atomic<bool>& gone);
    // Required of them, and not there.
    bool must_set_second_factor(const store::Session&) const;
    // The answer to a request that changes the second factor, without what it takes; nothing: it has it.
    std::optional<Reply> not_them(const Call&, const nlohmann::json& body);
    static Reply throttled(const store::Login&);
    // What a session is told of itself.
    nlohmann::json about(const store::Session&) const;
    Result<CameraList::Entry> find_camera(const std::string& id) const;
    nlohmann::json describe(const CameraEntry&, const std::optional<store::Store::Span>&) const;
    Result<nlohmann::json> camera_json(const CameraEntry&) const;
    Result<nlohmann::json> scene_json(const CameraEntry&);
    Result<store::Opening> find_opening(const Call&) const;
    Result<nlohmann::json> masks_json(const CameraEntry&) const;
    Result<bool> second_person(const Call&, const std::string& camera) const;
    Status put_masks_on_record(const Call&, const std::string& camera, std::string_view change,
                               const std::vector<std::string>& areas);
    Status draw_masks(const CameraEntry&);
    static nlohmann::json counting_json(const CameraEntry&);
    Result<nlohmann::json> places_json(const CameraEntry&, bool removed) const;
    // Less protection that one person wants and another has to agree to. A restart forgets it.
    struct Proposal {
        SettingsChange change;
        std::string user;
        WallTime at;
    };
    Result<CameraSettings*> the_settings() const;
    Result<nlohmann::json> settings_json(const Call&);
    static bool may_agree(const Call&, const SettingsChange&);
    nlohmann::json waiting_json(const Call&) const;
    Status put_settings_on_record(const Call&, const SettingsChange&, std::string_view how);
    Reply change_settings(const Call&, const std::function<Result<SettingsChange>(CameraSettings&)>& plan);
    Status count_uses();
    AboutFacts about_facts(const Request&);
    Status put_access_on_record(const Call&, std::string_view change, const std::string& whom,
                                const std::optional<store::Grant>&);
    Result<store::Opening> new_opening(const Call&) const;
    nlohmann::json opening_json(const store::Opening&) const;
    static nlohmann::json protections_json(const std::vector<store::Protection>&);
    Result<CameraList::Entry> find_strict_camera(const std::string& id) const;
    // Tells the camera what stands, and answers with it.
    Result<nlohmann::json> pass_on(const CameraEntry&);

    World world_;  // constant after construction
    const StaticFile description_;
    store::Approvals approvals_;
    store::Protections protections_;
    store::Sealed sealed_;
    store::Openings openings_;
    store::Users users_;
    store::SecondFactor second_factor_;
    store::Masks masks_;
    store::Activity activity_;
    std::mutex places_mutex_;    // as the next one: one change of places at a time
    std::mutex masks_mutex_;     // held from the decision to the drawing: one change of masks at a time
    std::mutex openings_mutex_;  // held from the decision to the entry: one step of an opening at a time
    std::mutex settings_mutex_;  // held from the decision to the change: one change of settings at a time
    std::map<std::uint64_t, Proposal> proposals_;  // guarded by settings_mutex_
    std::uint64_t last_proposal_ = 0;              // guarded by settings_mutex_
    std::mutex use_mutex_;
    ledger::MonthlyUse monthly_use_;  // guarded by use_mutex_
    std::uint64_t uses_counted_ = 0;  // entries of the ledger that are in it; guarded by use_mutex_
    Uses uses_;
    ScenesSeen scenes_seen_;
    const WallTime started_;
    const Micros started_monotonic_;
    std::atomic<std::uint64_t> sessions_ended_{0};
    std::counting_semaphore<kExports> exports_{kExports};
};

// A span of time from the query's `from` and `to`.
struct TimeSpan {
    WallTime from, to;
};
// invalid: one is missing or no time, they are the wrong way round, or further apart than `longest`.
Result<TimeSpan> time_span(const Request&, std::chrono::hours longest);

}  // namespace passerby::server
