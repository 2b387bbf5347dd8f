#include "app/settings.h"

#include <algorithm>
#include <array>

#include "app/camera_trial.h"
#include "base/file.h"
#include "base/log.h"
#include "onvif/device.h"
#include "onvif/discovery.h"
#include "store/paths.h"

namespace passerby::app {

using nlohmann::json;
using server::SettingsChange;

namespace {

constexpr const char* kFile = "settings.yaml";
constexpr std::size_t kLongestValue = 2000;
constexpr std::size_t kMostCameras = 256;
// Of the config's keys those that are set here. The others lead out of the recorder (file:), or have a page
// and a rule of their own (masks, originals).
constexpr std::array<std::string_view, 12> kKeys{"name",      "url",   "user",      "password",
                                                 "transport", "scene", "cover",     "style",
                                                 "approval",  "audio", "retention", "enabled"};

json empty_settings() {
    return {{"retention", json::object()}, {"cameras", json::object()}};
}

// JSON is YAML. Without empty sections, which the config's reader takes for mistakes.
std::string text_of(json kept) {
    for (const auto* section : {"retention", "cameras"})
        if (kept.contains(section) && kept[section].empty()) kept.erase(section);
    return kept.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

// The config's reader puts environment variables into users and passwords. What is typed into the app names
// none: it could ask for any of them.
std::string without_variables(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') out += '$';
        out += text[i];
    }
    return out;
}

Status check_value(const std::string& key, const json& value) {
    const auto wrong = [&] {
        return fail(ErrorKind::invalid, "\"{}\" is not as it must be; doc/config.md says how", key);
    };
    const auto is_plain = [](const json& v) {
        return v.is_boolean() || v.is_number() ||
               (v.is_string() && v.get_ref<const std::string&>().size() <= kLongestValue);
    };
    if (value.is_array())
        return value.size() <= 10 && std::ranges::all_of(value, is_plain) ? Status{} : wrong();
    if (value.is_object()) {
        if (key != "retention" || value.size() > 2) return wrong();
        for (const auto& [name, v] : value.items())
            if (!is_plain(v)) return wrong();
        return {};
    }
    return is_plain(value) ? Status{} : wrong();
}

const CameraConfig* find(const Config& config, const std::string& id) {
    const auto found = std::ranges::find(config.cameras, id, &CameraConfig::id);
    return found == config.cameras.end() ? nullptr : &*found;
}

template <class T>
bool longer(const std::optional<T>& before, const std::optional<T>& after) {
    return before && (!after || *after > *before);
}

std::vector<std::string> changed_keys(const json& before, const json& after) {
    std::vector<std::string> out;
    for (const auto key : kKeys) {
        const std::string name{key};
        if (before.value(name, json{}) != after.value(name, json{})) out.push_back(name);
    }
    return out;
}

// As a camera is that is added without saying anything more.
CameraConfig plain(const Config& config) {
    CameraConfig camera;
    camera.retention.age = config.keep;
    return camera;
}

json days_and_size(const std::optional<Micros>& age, const std::optional<std::uint64_t>& bytes) {
    using Days = std::chrono::duration<double, std::chrono::days::period>;
    return {{"days", age ? json(Days{*age}.count()) : json{}}, {"size", bytes ? json(*bytes) : json{}}};
}

}  // namespace

bool protects_less(const CameraConfig& before, const CameraConfig& after) {
    const auto& was = before.policy;
    const auto& is = after.policy;
    const auto names = redact::names(is.cover);
    const bool drops_one = std::ranges::any_of(
        redact::names(was.cover), [&](const auto& name) { return std::ranges::count(names, name) == 0; });
    return drops_one || (was.scene == redact::Scene::fixed && is.scene != redact::Scene::fixed) ||
           (was.approval == redact::Approval::required && is.approval != redact::Approval::required) ||
           (before.audio == CameraConfig::Audio::drop && after.audio == CameraConfig::Audio::keep) ||
           longer(before.retention.age, after.retention.age) ||
           longer(before.retention.bytes, after.retention.bytes);
}

Result<std::unique_ptr<Settings>> Settings::load(Config config) {
    auto kept = empty_settings();
    const auto file = config.data / kFile;
    if (const auto text = read_file(file)) {
        const auto parsed = json::parse(*text, nullptr, false, true);
        if (!parsed.is_object())
            return fail(ErrorKind::corrupt,
                        "{} is damaged; put a backup in its place, or move it away and set the cameras anew",
                        file.string());
        for (const auto& [key, value] : parsed.items()) {
            if (!value.is_object() || !kept.contains(key))
                return fail(ErrorKind::corrupt,
                            "{} is damaged: \"{}\" is no section of it; put a backup in its place",
                            file.string(), key);
            kept[key] = value;
        }
    } else if (text.error().kind != ErrorKind::not_found) {
        return tl::unexpected{text.error()};
    }
    std::unique_ptr<Settings> settings{new Settings{std::move(config), std::move(kept)}};
    if (const auto whole = settings->with(settings->kept_); !whole)
        return fail(ErrorKind::corrupt, "{} is damaged: {}; put a backup in its place", file.string(),
                    whole.error().message);
    return settings;
}

bool Settings::is_fixed(const std::string& id) const {
    return find(config_, id) != nullptr;
}

Result<Config> Settings::with(const json& kept) const {
    if (kept.value("cameras", json::object()).empty() && kept.value("retention", json::object()).empty())
        return config_;
    const auto result = parse_settings(text_of(kept), config_);
    if (!result) {
        const auto& e = result.errors.front();
        return fail(ErrorKind::invalid, "{}{}{}", e.key, e.key.empty() ? "" : ": ", e.what);
    }
    return result.config;
}

Config Settings::together() const {
    const std::lock_guard lock{mutex_};
    return with(kept_).value();  // it was when it was kept
}

void Settings::attach(std::shared_ptr<Installation> installation,
                      std::function<void(const store::RetentionPlan&)> keep) {
    installation_ = std::move(installation);
    keep_ = std::move(keep);
}

json Settings::describe() const {
    const std::lock_guard lock{mutex_};
    const auto all = with(kept_).value();
    auto cameras = json::array();
    for (const auto& c : all.cameras) {
        cameras.push_back({{"id", c.id},
                           {"fixed", !c.set_in_app},
                           {"name", c.name},
                           {"url", c.url},
                           {"user", c.user},
                           {"has_password", !c.password.empty()},
                           {"transport", c.transport == CameraConfig::Transport::udp ? "udp" : "tcp"},
                           {"scene", redact::name(c.policy.scene)},
                           {"cover", redact::names(c.policy.cover)},
                           {"style", redact::name(c.policy.style)},
                           {"approval", redact::name(c.policy.approval)},
                           {"audio", c.audio == CameraConfig::Audio::keep ? "keep" : "drop"},
                           {"retention", days_and_size(c.retention.age, c.retention.bytes)},
                           {"own_retention", c.own_age || c.retention.bytes.has_value()},
                           {"enabled", c.enabled}});
    }
    auto retention = days_and_size(all.keep, all.total_bytes);
    retention["fixed"] = config_.says_retention;
    return {{"cameras", std::move(cameras)}, {"retention", std::move(retention)}};
}

// What is to be kept of a camera. A password that is not said again stays, unless it would go elsewhere.
Result<json> Settings::node_of(const std::string& id, const json& wanted) const {
    if (is_fixed(id))
        return fail(ErrorKind::denied, "the config file has the camera \"{}\"; change it there", id);
    const auto before = kept_["cameras"].value(id, json::object());
    auto node = json::object();
    for (const auto& [key, value] : wanted.items()) {
        if (std::ranges::find(kKeys, key) == kKeys.end())
            return fail(ErrorKind::invalid, "\"{}\" cannot be set here; the keys are {}", key,
                        fmt::join(kKeys, ", "));
        TRY_STATUS(check_value(key, value));
        const bool nothing = (value.is_string() && value.get_ref<const std::string&>().empty()) ||
                             (value.is_object() && value.empty());
        if (!nothing) node[key] = value;
    }
    for (const auto* key : {"user", "password"})
        if (node.contains(key) && node[key].is_string()) node[key] = without_variables(node[key]);
    if (!node.contains("url") || !node["url"].is_string())
        return fail(ErrorKind::invalid,
                    "\"url\" is missing; write where the pictures come from, such as "
                    "rtsp://10.0.0.5:554/stream");
    if (node["url"].get_ref<const std::string&>().starts_with("file:"))
        return fail(ErrorKind::invalid, "\"url\" is a file; only the config file may name one");
    const auto& url = node["url"].get_ref<const std::string&>();
    if (const auto good = check_camera_url(url, {false, config_.camera_networks}); !good)
        return fail(ErrorKind::invalid, "cameras.{}.url: {}", id, good.error().message);
    if (!wanted.contains("password") && before.contains("password") && node.contains("user")) {
        if (before["url"] != node["url"] || before.value("user", json{}) != node["user"])
            return fail(ErrorKind::invalid,
                        "\"password\" is missing; give it again, since the address or the user is another");
        node["password"] = before["password"];
    }
    return node;
}

Result<SettingsChange> Settings::camera(const std::string& id, const json& wanted) const {
    const std::lock_guard lock{mutex_};
    if (!store::is_camera_id(id))
        return fail(ErrorKind::invalid, "\"{}\" is not a name for a camera; use 1 to 32 of a-z, 0-9 and -",
                    id);
    const auto node = TRY(node_of(id, wanted));
    const auto now = TRY(with(kept_));
    auto kept = kept_;
    kept["cameras"][id] = node;
    if (kept["cameras"].size() > kMostCameras)
        return fail(ErrorKind::invalid, "{} cameras are the most", kMostCameras);
    const auto then = TRY(with(kept));
    const auto* before = find(now, id);
    const auto known = kept_["cameras"].value(id, json::object());
    return SettingsChange{id, before ? "changed" : "added", changed_keys(known, node),
                          protects_less(before ? *before : plain(then), *find(then, id)), node};
}

Result<SettingsChange> Settings::without(const std::string& id) const {
    const std::lock_guard lock{mutex_};
    if (is_fixed(id))
        return fail(ErrorKind::denied, "the config file has the camera \"{}\"; remove it there", id);
    if (!kept_["cameras"].contains(id)) return fail(ErrorKind::not_found, "there is no camera \"{}\"", id);
    // Its recordings are kept as those of all others from then on, and added again it would be like a new
    // one: where that is less protection, to remove it is, too.
    const auto now = TRY(with(kept_));
    return SettingsChange{id, "removed", {}, protects_less(*find(now, id), plain(now)), nullptr};
}

Result<SettingsChange> Settings::retention(const json& wanted) const {
    const std::lock_guard lock{mutex_};
    if (config_.says_retention)
        return fail(ErrorKind::denied,
                    "the config file says for how long recordings are kept; change it there");
    auto node = json::object();
    for (const auto* key : {"days", "size"}) {
        if (!wanted.contains(key))
            return fail(ErrorKind::invalid, "\"{}\" is missing; write a number, or null for no limit", key);
        if (!wanted[key].is_null()) node[key] = wanted[key];
    }
    if (node.empty())
        return fail(ErrorKind::invalid, "\"days\" and \"size\" are both without a limit; give one of them");
    TRY_STATUS(check_value("retention", node));
    const auto now = TRY(with(kept_));
    auto kept = kept_;
    kept["retention"] = node;
    const auto then = TRY(with(kept));
    return SettingsChange{{},
                          "changed",
                          {"retention"},
                          longer(now.keep, then.keep) || longer(now.total_bytes, then.total_bytes),
                          node};
}

Status Settings::make(const SettingsChange& change) {
    Config before, all;
    {
        const std::lock_guard lock{mutex_};
        auto kept = kept_;
        if (change.camera.empty())
            kept["retention"] = change.after;
        else if (change.after.is_null())
            kept["cameras"].erase(change.camera);
        else
            kept["cameras"][change.camera] = change.after;
        before = TRY(with(kept_));
        all = TRY(with(kept));
        TRY_STATUS(write_file_atomically(config_.data / kFile, text_of(kept), 0600));
        kept_ = std::move(kept);
    }
    if (keep_) keep_(all.retention_plan());
    if (!installation_) return {};
    if (change.camera.empty()) {
        // The rules of those that follow it are others now.
        for (const auto& camera : all.cameras)
            if (camera.retention.age != find(before, camera.id)->retention.age)
                TRY_STATUS(installation_->set(camera));
        return {};
    }
    if (change.after.is_null()) return installation_->remove(change.camera);
    return installation_->set(*find(all, change.camera));
}

Result<json> Settings::test(const std::string& id, const json& wanted, const std::atomic<bool>& gone) {
    CameraConfig camera;
    {
        const std::lock_guard lock{mutex_};
        auto kept = kept_;
        kept["cameras"][id] = TRY(node_of(id, wanted));
        camera = *find(TRY(with(kept)), id);
    }
    if (!installation_) return fail(ErrorKind::unavailable, "the recorder starts; try again in a moment");
    return try_camera(installation_->start_message(camera), gone);
}

Result<json> Settings::discover() {
    constexpr std::chrono::seconds kListen{3};
    auto devices = json::array();
    const auto found = TRY(onvif::discover(kListen));
    for (const auto& device : found)
        // Where no camera may be set there is none to be offered.
        if (check_camera_url(device.address, {false, config_.camera_networks}))
            devices.push_back({{"name", device.name}, {"address", device.address}});
    return json{{"devices", std::move(devices)}};
}

Result<json> Settings::streams(const json& device) {
    const auto text = [&](const char* name) {
        const auto found = device.find(name);
        return found != device.end() && found->is_string() ? found->get<std::string>() : std::string{};
    };
    const auto address = text("address");
    if (address.empty() || address.size() > kLongestValue)
        return fail(ErrorKind::invalid, "\"address\" is missing; write that of a device that was found");
    if (const auto good = check_camera_url(address, {false, config_.camera_networks}); !good)
        return fail(ErrorKind::invalid, "the address {}", good.error().message);
    hide_in_log(text("password"));
    auto streams = json::array();
    const auto found = TRY(onvif::streams_of(address, {text("user"), text("password")}));
    for (const auto& stream : found)
        streams.push_back({{"name", stream.name},
                           {"url", stream.url},
                           {"size", stream.width > 0 ? json{stream.width, stream.height} : json{}}});
    return json{{"streams", std::move(streams)}};
}

std::string Settings::backup() const {
    const std::lock_guard lock{mutex_};
    auto kept = kept_;
    for (auto& camera : kept["cameras"]) camera.erase("password");
    return "# What is set in the app, without the passwords of cameras. To restore: stop passerby, put this "
           "file\n"
           "# into the data folder as settings.yaml, start it, and give the passwords again in the app.\n" +
           text_of(kept);
}

}  // namespace passerby::app
