#include "app/installation.h"

#include "app/camera_rules.h"
#include "base/log.h"
#include "server/standing_approvals.h"
#include "server/standing_masks.h"
#include "server/standing_places.h"

namespace passerby::app {

namespace {

// Who can open a camera's originals is an entry of its own: the key ceremony.
Status put_keyholders_on_record(store::Ledger& ledger, const std::string& camera, const std::string& known,
                                const ledger::Fields& wanted) {
    const auto before = ledger::Fields::parse(known, nullptr, false);
    const auto none = [](const ledger::Fields& rules) {
        return !rules.is_object() || !rules.contains("originals") || !rules["originals"].is_object();
    };
    if (none(wanted)) return {};  // the policy's own entry says that nothing is sealed any more
    const auto& now = wanted["originals"];
    if (!none(before) && before["originals"].value("sealed_to", "") == now["sealed_to"]) return {};
    TRY(ledger.append("keyholders", {{"camera", camera},
                                     {"change", none(before) ? "begun" : "changed"},
                                     {"needed", now["needed"]},
                                     {"keys", now["keys"]},
                                     {"set", now["sealed_to"]}}));
    return {};
}

}  // namespace

// What it still sends is published and recorded before the recording stops.
Installation::Running::~Running() {
    if (supervisor) supervisor->stop();
    if (recording) recording->stop();
}

ledger::Fields Installation::rules(const CameraConfig& camera) const {
    return rules_of(camera, in_.config.keyholders, in_.model_hashes);
}

Status Installation::put_rules_on_record(const CameraConfig& camera) {
    const auto wanted = rules(camera);
    const auto known = store::Ledger::rules_on_record(*in_.store, camera.id);
    if (known && *known == wanted.dump()) return {};
    if (!in_.ledger) return fail(ErrorKind::unavailable, "there is no ledger");
    TRY_STATUS(put_keyholders_on_record(*in_.ledger, camera.id, known.value_or(""), wanted));
    return in_.ledger->set_policy(camera.id, wanted);
}

camera::Start Installation::start_message(const CameraConfig& camera) const {
    camera::Start start;
    start.camera = camera.id;
    start.url = camera.url;
    start.user = camera.user;
    start.password = camera.password;
    start.rule = camera.set_in_app ? CameraRule{false, in_.config.camera_networks} : CameraRule{true, {}};
    start.transport = camera.transport == CameraConfig::Transport::udp ? media::ReadOptions::Transport::udp
                                                                       : media::ReadOptions::Transport::tcp;
    start.loop = camera.loop;
    start.policy = camera.policy;
    start.audio = camera.audio == CameraConfig::Audio::keep;
    start.quiet = camera.quiet;
    start.models_folder = in_.models_folder;
    start.models = in_.config.models;
    start.provider = in_.config.inference.provider;
    start.threads = in_.config.inference.threads.value_or(start.threads);
    return start;
}

server::CameraEntry Installation::entry_of(const CameraConfig& camera) const {
    server::CameraEntry entry{camera.id,
                              camera.name,
                              std::string{redact::name(camera.policy.scene)},
                              std::string{redact::name(camera.policy.style)},
                              redact::names(camera.policy.cover),
                              nullptr,
                              std::string{redact::name(camera.policy.approval)}};
    if (camera.originals)
        entry.originals =
            server::OriginalsRule{*in_.config.keyholders, camera.originals->basis, camera.originals->until};
    for (const auto& mask : camera.policy.masks) entry.fixed_masks.push_back(redact::text_of(mask));
    entry.audio = camera.audio == CameraConfig::Audio::keep ? "kept" : "dropped";
    entry.counting = camera.policy.count;
    entry.retention = camera.retention;
    return entry;
}

Result<std::shared_ptr<Installation::Running>> Installation::start(const CameraConfig& camera) {
    auto running = std::make_shared<Running>();
    running->recording = TRY(Recording::start(in_.store, camera.id, rules(camera).dump(),
                                              camera.originals ? in_.config.keyholders : std::nullopt,
                                              camera.policy.count, in_.ledger.get(), *running->feed));
    auto message = start_message(camera);
    if (message.audio) log_warning("{}: the sound is kept; voices identify people", camera.id);
    if (camera.originals) {
        message.originals = camera::OriginalsPolicy{*in_.config.keyholders, camera.originals->until};
        if (camera.originals->until <= system_clock().wall())
            log_warning("{}: originals are not kept: the policy ended {}", camera.id,
                        to_iso8601(camera.originals->until));
    }
    auto drawn = TRY(server::standing_masks(store::Masks{in_.store}, camera.id));
    running->supervisor = TRY(
        camera::Supervisor::create({.start = std::move(message), .drawn = std::move(drawn)}, *running->feed));
    if (camera.policy.count) {
        const auto places = TRY(server::standing_places(store::Activity{in_.store}, camera.id));
        TRY_STATUS(running->supervisor->set_places(places));
    }
    if (camera.policy.approval == redact::Approval::required) {
        const auto standing = TRY(server::standing_approvals(store::Approvals{in_.store}, camera.id));
        TRY_STATUS(running->supervisor->approve(standing));
    }
    return running;
}

Status Installation::leave_off(const CameraConfig& camera, const std::string& why) {
    in_.list->put(entry_of(camera));
    return in_.store->add_gap(camera.id, system_clock().wall(), store::GapCause::policy, why);
}

Status Installation::set(const CameraConfig& camera) {
    const std::lock_guard lock{mutex_};
    if (stopped_) return fail(ErrorKind::cancelled, "the recorder stops");
    const auto noted = put_rules_on_record(camera);
    // Not before that: what stands on the record is what happens.
    running_.erase(camera.id);
    if (!noted) {
        TRY_STATUS(leave_off(camera, "its rules could not be put on the record"));
        return fail(ErrorKind::unavailable,
                    "{} stays off, because its rules are new and not on the record: {}", camera.id,
                    noted.error().message);
    }
    if (!camera.enabled) return leave_off(camera, "switched off in the config");
    auto started = start(camera);
    if (!started) {
        TRY_STATUS(leave_off(camera, "it could not be started"));
        return tl::unexpected{started.error()};
    }
    auto entry = entry_of(camera);
    // Who holds the entry holds what it leads to.
    const std::shared_ptr<Running> running = *started;
    entry.feed = running->feed;
    const std::weak_ptr<Running> weak = running;
    entry.draw = [weak](const auto& masks) -> Status {
        const auto still = weak.lock();
        return still ? still->supervisor->set_masks(masks) : Status{};
    };
    if (camera.policy.count)
        entry.count = [weak](const auto& places) -> Status {
            const auto still = weak.lock();
            return still ? still->supervisor->set_places(places) : Status{};
        };
    if (camera.policy.approval == redact::Approval::required)
        entry.approve = [weak](const camera::Approvals& approvals) -> Status {
            const auto still = weak.lock();
            return still ? still->supervisor->approve(approvals) : Status{};
        };
    in_.list->put(entry);
    running_.emplace(camera.id, running);
    // What was drawn while it started was told to nobody.
    return entry.draw(TRY(server::standing_masks(store::Masks{in_.store}, camera.id)));
}

Status Installation::remove(const std::string& id) {
    const std::lock_guard lock{mutex_};
    if (in_.ledger) TRY_STATUS(in_.ledger->set_policy(id, nullptr));
    running_.erase(id);
    in_.list->remove(id);
    return {};
}

void Installation::forget_others() {
    if (!in_.ledger) return;
    const auto known = in_.ledger->cameras_on_record();
    if (!known) return;
    for (const auto& camera : *known)
        if (!in_.list->find(camera))
            if (const auto done = in_.ledger->set_policy(camera, nullptr); !done)
                log_error("{}: that it is gone is not on the record: {}", camera, done.error().message);
}

void Installation::stop() {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
    for (const auto& [id, running] : running_) running->supervisor->request_stop();
    running_.clear();
}

}  // namespace passerby::app
