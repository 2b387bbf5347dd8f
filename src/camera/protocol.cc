#include "camera/protocol.h"

#include <memory>
#include <optional>

#include <google/protobuf/stubs/logging.h>

#include "camera/bounds.h"
#include "camera/model_message.h"
#include "camera/wire_table.h"
#include "messages.pb.h"

namespace passerby::camera {

namespace {

using Transport = media::ReadOptions::Transport;
using redact::Approval;
using redact::CoverStyle;
using redact::Scene;
using redact::Subject;
constexpr Table<Transport, wire::Transport, 2> kTransports{
    {{Transport::tcp, wire::TRANSPORT_TCP}, {Transport::udp, wire::TRANSPORT_UDP}}};
constexpr Table<Scene, wire::Scene, 2> kScenes{
    {{Scene::fixed, wire::SCENE_FIXED}, {Scene::moving, wire::SCENE_MOVING}}};
constexpr Table<CoverStyle, wire::Style, 3> kStyles{{{CoverStyle::silhouette, wire::STYLE_SILHOUETTE},
                                                     {CoverStyle::vanish, wire::STYLE_VANISH},
                                                     {CoverStyle::block, wire::STYLE_BLOCK}}};
constexpr Table<Subject, wire::Subject, 5> kSubjects{{{Subject::persons, wire::SUBJECT_PERSONS},
                                                      {Subject::faces, wire::SUBJECT_FACES},
                                                      {Subject::plates, wire::SUBJECT_PLATES},
                                                      {Subject::vehicles, wire::SUBJECT_VEHICLES},
                                                      {Subject::screens, wire::SUBJECT_SCREENS}}};
constexpr Table<Approval, wire::Approval, 2> kApprovals{
    {{Approval::none, wire::APPROVAL_NONE}, {Approval::required, wire::APPROVAL_REQUIRED}}};
constexpr Table<Cause, wire::Cause, 3> kCauses{{{Cause::camera, wire::CAUSE_CAMERA},
                                                {Cause::decoder, wire::CAUSE_DECODER},
                                                {Cause::overload, wire::CAUSE_OVERLOAD}}};
constexpr Table<Quiet, wire::Quiet, 2> kQuiet{
    {{Quiet::keep, wire::QUIET_KEEP}, {Quiet::encode, wire::QUIET_ENCODE}}};
constexpr Table<LogLevel, wire::Level, 4> kLevels{{{LogLevel::debug, wire::LEVEL_DEBUG},
                                                   {LogLevel::info, wire::LEVEL_INFO},
                                                   {LogLevel::warning, wire::LEVEL_WARNING},
                                                   {LogLevel::error, wire::LEVEL_ERROR}}};
constexpr Table<ErrorKind, wire::Kind, 9> kKinds{{{ErrorKind::invalid, wire::KIND_INVALID},
                                                  {ErrorKind::not_found, wire::KIND_NOT_FOUND},
                                                  {ErrorKind::denied, wire::KIND_DENIED},
                                                  {ErrorKind::exists, wire::KIND_EXISTS},
                                                  {ErrorKind::corrupt, wire::KIND_CORRUPT},
                                                  {ErrorKind::unavailable, wire::KIND_UNAVAILABLE},
                                                  {ErrorKind::full, wire::KIND_FULL},
                                                  {ErrorKind::cancelled, wire::KIND_CANCELLED},
                                                  {ErrorKind::internal, wire::KIND_INTERNAL}}};

std::string text_of(const Bytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
Bytes bytes_of(const std::string& text) {
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    return {first, first + text.size()};
}

// ---- ours to wire

void put_polygon(const redact::Polygon& from, wire::Polygon& to) {
    for (const auto& p : from) {
        auto& point = *to.add_points();
        point.set_x(p.x);
        point.set_y(p.y);
    }
}
redact::Polygon taken_polygon(const wire::Polygon& from) {
    redact::Polygon to;
    for (const auto& p : from.points()) to.push_back({p.x(), p.y()});
    return to;
}

void put(const Start& from, wire::ToCamera& message) {
    auto& to = *message.mutable_start();
    to.set_camera(from.camera);
    to.set_url(from.url);
    to.set_owners(from.rule.owners);
    for (const auto& network : from.rule.also) to.add_also(network.to_string());
    to.set_user(from.user);
    to.set_password(from.password);
    to.set_transport(to_wire(kTransports, from.transport));
    to.set_realtime(from.realtime);
    to.set_loop(from.loop);
    to.set_audio(from.audio);
    to.mutable_policy()->set_scene(to_wire(kScenes, from.policy.scene));
    to.mutable_policy()->set_style(to_wire(kStyles, from.policy.style));
    for (const auto subject : redact::Subjects::kAll)
        if (from.policy.cover.has(subject)) to.mutable_policy()->add_cover(to_wire(kSubjects, subject));
    to.mutable_policy()->set_approval(to_wire(kApprovals, from.policy.approval));
    if (const auto& count = from.policy.count) {
        auto& counting = *to.mutable_policy()->mutable_count();
        counting.set_epsilon_thousandths(count->epsilon_thousandths);
        counting.set_visits(count->visits);
        counting.set_interval_us(count->interval.count());
    }
    for (const auto& mask : from.policy.masks) put_polygon(mask, *to.mutable_policy()->add_masks());
    to.set_models_folder(from.models_folder);
    for (const auto& model : from.models) put_model(model, *to.add_models());
    to.set_provider(from.provider);
    to.set_threads(from.threads);
    to.set_quiet(to_wire(kQuiet, from.quiet));
    to.set_preset(from.preset);
    to.set_crf(from.crf);
    to.set_look_ahead_us(from.look_ahead.count());
    to.set_fragment_us(from.fragment.count());
    to.set_keyframe_us(from.keyframe.count());
    if (!from.originals) return;
    auto& originals = *to.mutable_originals();
    originals.set_needed(from.originals->keyholders.needed);
    for (const auto& key : from.originals->keyholders.keys) originals.add_keys(key.to_string());
    originals.set_until_us(from.originals->until.micros());
}
void put(const Stop&, wire::ToCamera& message) {
    message.mutable_stop();
}
void put(const Approvals& from, wire::ToCamera& message) {
    auto& to = *message.mutable_approvals();
    for (const auto& picture : from.pictures) {
        auto& approved = *to.add_pictures();
        approved.set_png(picture.png);
        for (const auto& part : picture.refused) put_polygon(part, *approved.add_refused());
    }
}
void put(const Masks& from, wire::ToCamera& message) {
    auto& to = *message.mutable_masks();
    for (const auto& polygon : from.polygons) put_polygon(polygon, *to.add_polygons());
}
void put(const Places& from, wire::ToCamera& message) {
    auto& to = *message.mutable_places();
    for (const auto& place : from.drawn) {
        auto& drawn = *to.add_drawn();
        drawn.set_id(place.id);
        for (const auto& p : place.points) {
            auto& point = *drawn.add_points();
            point.set_x(p.x);
            point.set_y(p.y);
        }
    }
}

void put(const Init& from, wire::FromCamera& message) {
    auto& to = *message.mutable_init();
    to.set_bytes(text_of(from.bytes));
    to.set_codec(from.codec);
    to.set_width(from.size.width);
    to.set_height(from.size.height);
    to.set_fps(from.fps);
}
void put(const Fragment& from, wire::FromCamera& message) {
    auto& to = *message.mutable_fragment();
    to.set_bytes(text_of(from.bytes));
    to.set_start_us(from.start.count());
    to.set_duration_us(from.duration.count());
    to.set_frames(from.frames);
    to.set_keyframe(from.keyframe);
    to.set_covered(from.covered);
    to.set_age_us(from.age.count());
    to.set_kept(from.kept);
}
void put(const Progress& from, wire::FromCamera& message) {
    auto& to = *message.mutable_status();
    to.set_covered(from.covered);
    to.set_proven(from.proven);
    to.set_doubt(from.doubt);
    to.set_fps(from.fps);
    to.set_frames(from.frames);
    to.set_dropped(from.dropped);
    to.set_approved(from.approved);
    to.set_pace(from.pace);
}
void put(const Gap& from, wire::FromCamera& message) {
    message.mutable_gap()->set_cause(to_wire(kCauses, from.cause));
    message.mutable_gap()->set_detail(from.detail);
}
void put(const Failure& from, wire::FromCamera& message) {
    message.mutable_failure()->set_kind(to_wire(kKinds, from.kind));
    message.mutable_failure()->set_message(from.message);
}
void put(const Log& from, wire::FromCamera& message) {
    message.mutable_log()->set_level(to_wire(kLevels, from.level));
    message.mutable_log()->set_text(from.text);
}
void put(const SceneNow& from, wire::FromCamera& message) {
    message.mutable_scene()->set_png(from.png);
}

void put(const Sealed& from, wire::FromCamera& message) {
    auto& to = *message.mutable_sealed();
    to.set_bytes(text_of(from.bytes));
    to.set_from_us(from.from.micros());
    to.set_to_us(from.to.micros());
}
void put(const Activity& from, wire::FromCamera& message) {
    auto& to = *message.mutable_activity();
    to.set_from_us(from.from.micros());
    to.set_to_us(from.to.micros());
    for (const auto& counts : from.places) {
        auto& place = *to.add_places();
        place.set_place(counts.place);
        place.set_persons_in(counts.persons[vision::in]);
        place.set_persons_out(counts.persons[vision::out]);
        place.set_vehicles_in(counts.vehicles[vision::in]);
        place.set_vehicles_out(counts.vehicles[vision::out]);
    }
}
void put(const Contained& from, wire::FromCamera& message) {
    auto& to = *message.mutable_contained();
    to.set_files(from.done.files);
    to.set_network(from.done.network);
    to.set_system_calls(from.done.system_calls);
    to.set_memory_locked(from.done.memory_locked);
    to.set_missing(from.done.missing);
}

// ---- wire to ours

Result<Start> taken(const wire::Start& from) {
    Start to;
    to.camera = from.camera();
    to.url = from.url();
    to.rule.owners = from.owners();
    for (const auto& network : from.also()) to.rule.also.push_back(TRY(Network::parse(network)));
    to.user = from.user();
    to.password = from.password();
    to.transport = TRY(from_wire(kTransports, from.transport(), "transport"));
    to.realtime = from.realtime();
    to.loop = from.loop();
    to.audio = from.audio();
    to.policy.scene = TRY(from_wire(kScenes, from.policy().scene(), "scene"));
    to.policy.style = TRY(from_wire(kStyles, from.policy().style(), "style"));
    to.policy.cover = {};
    for (const int subject : from.policy().cover())
        to.policy.cover.add(TRY(from_wire(kSubjects, static_cast<wire::Subject>(subject), "thing to cover")));
    to.policy.approval = TRY(from_wire(kApprovals, from.policy().approval(), "approval"));
    for (const auto& mask : from.policy().masks()) to.policy.masks.push_back(taken_polygon(mask));
    if (from.policy().has_count()) {
        const auto& count = from.policy().count();
        to.policy.count =
            redact::Counting{count.epsilon_thousandths(), count.visits(), Micros{count.interval_us()}};
    }
    to.models_folder = from.models_folder();
    for (const auto& model : from.models()) to.models.push_back(TRY(taken_model(model)));
    to.provider = from.provider();
    to.threads = from.threads();
    to.quiet = TRY(from_wire(kQuiet, from.quiet(), "way with quiet pictures"));
    to.preset = from.preset();
    to.crf = from.crf();
    to.look_ahead = Micros{from.look_ahead_us()};
    to.fragment = Micros{from.fragment_us()};
    to.keyframe = Micros{from.keyframe_us()};
    if (from.has_originals()) {
        auto& originals = to.originals.emplace();
        originals.keyholders.needed = from.originals().needed();
        for (const auto& key : from.originals().keys())
            originals.keyholders.keys.push_back(TRY(age::Recipient::parse(key)));
        originals.until = {Micros{from.originals().until_us()}};
    }
    return to;
}
Result<Approvals> taken(const wire::Approvals& from) {
    Approvals to;
    for (const auto& picture : from.pictures()) {
        auto& approved = to.pictures.emplace_back(Approved{picture.png(), {}});
        for (const auto& part : picture.refused()) approved.refused.push_back(taken_polygon(part));
    }
    return to;
}
Result<Masks> taken(const wire::Masks& from) {
    Masks to;
    for (const auto& polygon : from.polygons()) to.polygons.push_back(taken_polygon(polygon));
    return to;
}
Result<Places> taken(const wire::Places& from) {
    Places to;
    for (const auto& place : from.drawn()) {
        auto& drawn = to.drawn.emplace_back();
        drawn.id = place.id();
        for (const auto& p : place.points()) drawn.points.push_back({p.x(), p.y()});
    }
    return to;
}
Result<Init> taken(const wire::Init& from) {
    return Init{bytes_of(from.bytes()), from.codec(), {from.width(), from.height()}, from.fps()};
}
Result<Fragment> taken(const wire::Fragment& from) {
    return Fragment{
        bytes_of(from.bytes()), Micros{from.start_us()}, Micros{from.duration_us()}, from.frames(),
        from.keyframe(),        from.covered(),          Micros{from.age_us()},      from.kept()};
}
Result<Progress> taken(const wire::Status& from) {
    return Progress{from.covered(), from.proven(),  from.doubt(),    from.fps(),
                    from.frames(),  from.dropped(), from.approved(), from.pace()};
}
Result<Gap> taken(const wire::Gap& from) {
    return Gap{TRY(from_wire(kCauses, from.cause(), "cause")), from.detail()};
}
Result<Failure> taken(const wire::Failure& from) {
    return Failure{TRY(from_wire(kKinds, from.kind(), "kind")), from.message()};
}
Result<Log> taken(const wire::Log& from) {
    return Log{TRY(from_wire(kLevels, from.level(), "level")), from.text()};
}
Result<SceneNow> taken(const wire::ScenePicture& from) {
    return SceneNow{from.png()};
}
Result<Sealed> taken(const wire::Sealed& from) {
    return Sealed{bytes_of(from.bytes()), {Micros{from.from_us()}}, {Micros{from.to_us()}}};
}
Result<Activity> taken(const wire::Activity& from) {
    Activity to{{Micros{from.from_us()}}, {Micros{from.to_us()}}, {}};
    for (const auto& p : from.places())
        to.places.push_back(
            {p.place(), {p.persons_in(), p.persons_out()}, {p.vehicles_in(), p.vehicles_out()}});
    return to;
}
Result<Contained> taken(const wire::Contained& from) {
    return Contained{
        {from.files(), from.network(), from.system_calls(), from.memory_locked(), from.missing()}};
}

// ---- frames

template <class Ours, class Wire>
Result<Bytes> framed(const Ours& ours, Wire message, std::size_t most) {
    TRY_STATUS(std::visit([](const auto& m) { return within_bounds(m); }, ours));
    std::visit([&](const auto& m) { put(m, message); }, ours);
    const auto size = message.ByteSizeLong();
    if (size > most) return fail(ErrorKind::corrupt, "a message of {} bytes is longer than {}", size, most);
    Bytes out(4 + size);
    for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::byte>(size >> (8 * i) & 0xFF);
    if (!message.SerializeToArray(out.data() + 4, static_cast<int>(size)))
        return fail(ErrorKind::internal, "a message does not serialize");
    return out;
}

template <class Wire>
Result<std::unique_ptr<Wire>> parsed(std::span<const std::byte> bytes, std::size_t most) {
    // What does not parse is our caller's to report: the library must not write to standard error as well.
    static const auto quiet = google::protobuf::SetLogHandler(nullptr);
    static_cast<void>(quiet);
    auto message = std::make_unique<Wire>();
    if (bytes.size() > most || !message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return fail(ErrorKind::corrupt, "a message of {} bytes does not parse", bytes.size());
    return message;
}

template <class Variant, class Wire>
Result<Variant> checked(const Wire& from) {
    auto ours = TRY(taken(from));
    TRY_STATUS(within_bounds(ours));
    return Variant{std::move(ours)};
}

}  // namespace

std::string_view name(Quiet quiet) {
    return quiet == Quiet::keep ? "keep" : "encode";
}

Result<Quiet> quiet_named(std::string_view text) {
    for (const auto quiet : {Quiet::keep, Quiet::encode})
        if (text == name(quiet)) return quiet;
    return fail(ErrorKind::invalid, "'{}' is no way with quiet pictures; write keep or encode", text);
}

std::string_view name(Cause cause) {
    switch (cause) {
        case Cause::camera:
            return "camera";
        case Cause::decoder:
            return "decoder";
        case Cause::overload:
            return "overload";
    }
    return "camera";
}

Result<Bytes> encode(const ToCamera& message) {
    return framed(message, wire::ToCamera{}, kMostToCamera);
}
Result<Bytes> encode(const FromCamera& message) {
    return framed(message, wire::FromCamera{}, kMostFromCamera);
}

Result<ToCamera> decode_to_camera(std::span<const std::byte> bytes) {
    const auto message = TRY(parsed<wire::ToCamera>(bytes, kMostToCamera));
    switch (message->say_case()) {
        case wire::ToCamera::kStart:
            return checked<ToCamera>(message->start());
        case wire::ToCamera::kStop:
            return ToCamera{Stop{}};
        case wire::ToCamera::kApprovals:
            return checked<ToCamera>(message->approvals());
        case wire::ToCamera::kMasks:
            return checked<ToCamera>(message->masks());
        case wire::ToCamera::kPlaces:
            return checked<ToCamera>(message->places());
        case wire::ToCamera::SAY_NOT_SET:
            break;
    }
    return fail(ErrorKind::corrupt, "a message to the camera says nothing");
}

Result<FromCamera> decode_from_camera(std::span<const std::byte> bytes) {
    const auto message = TRY(parsed<wire::FromCamera>(bytes, kMostFromCamera));
    switch (message->say_case()) {
        case wire::FromCamera::kInit:
            return checked<FromCamera>(message->init());
        case wire::FromCamera::kFragment:
            return checked<FromCamera>(message->fragment());
        case wire::FromCamera::kStatus:
            return checked<FromCamera>(message->status());
        case wire::FromCamera::kGap:
            return checked<FromCamera>(message->gap());
        case wire::FromCamera::kFailure:
            return checked<FromCamera>(message->failure());
        case wire::FromCamera::kLog:
            return checked<FromCamera>(message->log());
        case wire::FromCamera::kScene:
            return checked<FromCamera>(message->scene());
        case wire::FromCamera::kContained:
            return checked<FromCamera>(message->contained());
        case wire::FromCamera::kSealed:
            return checked<FromCamera>(message->sealed());
        case wire::FromCamera::kActivity:
            return checked<FromCamera>(message->activity());
        case wire::FromCamera::SAY_NOT_SET:
            break;
    }
    return fail(ErrorKind::corrupt, "a message from the camera says nothing");
}

}  // namespace passerby::camera
