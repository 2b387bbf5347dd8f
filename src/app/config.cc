#include "app/config.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <yaml-cpp/yaml.h>

#include "app/config_values.h"
#include "app/model_file.h"
#include "app/yaml_reader.h"
#include "base/file.h"
#include "client/http.h"
#include "ledger/note.h"
#include "server/guard.h"
#include "store/paths.h"

namespace passerby::app {

namespace fs = std::filesystem;

namespace {

constexpr Micros kKeepUnlessToldOtherwise = std::chrono::days{7};
constexpr std::size_t kLongestName = 100;
constexpr std::size_t kLongestText = 1000;  // that people read on the page about the cameras

using Entry = YamlEntry;

class Reader : YamlReader {
  public:
    Reader(const fs::path& folder, const Environment& environment, ConfigResult& result)
        : YamlReader{result.errors}, folder_{folder}, environment_{environment}, result_{result} {}

    void read(const Entry& root) {
        if (!is_section(root, {"data", "disks", "http", "retention", "cameras", "models", "inference",
                               "ledger", "keyholders", "camera_networks", "users", "about"}))
            return;
        auto& config = result_.config;
        if (const auto data =
                required(root, "data", "the folder for recordings, such as data: /var/lib/passerby"))
            config.data = (folder_ / *data).lexically_normal();
        if (const auto disks = root.find("disks")) read_disks(*disks, config.disks);
        if (const auto http = root.find("http");
            http && is_section(*http, {"listen", "tls", "proxy", "names"}))
            read_http(*http, config.http);
        if (const auto ledger = root.find("ledger"); ledger && is_section(*ledger, {"origin", "witnesses"})) {
            take(*ledger, "origin", config.ledger_origin, origin_from);
            if (const auto witnesses = ledger->find("witnesses"))
                read_witnesses(*witnesses, config.witnesses);
        }
        read_retention(root, config);
        if (const auto keyholders = root.find("keyholders"))
            read_keyholders(*keyholders, config.keyholders.emplace());
        if (const auto users = root.find("users"); users && is_section(*users, {"second_factor"}))
            take(*users, "second_factor", config.second_factor, second_factor_from);
        if (const auto networks = root.find("camera_networks"))
            read_networks(*networks, config.camera_networks);
        if (const auto about = root.find("about")) read_about(*about, config.about);
        read_models(root, config);
        // Without any they are set in the app.
        if (const auto cameras = root.find("cameras")) read_cameras(*cameras);
    }

    void read_settings(const Entry& root) {
        if (!is_section(root, {"retention", "cameras"})) return;
        auto& config = result_.config;
        set_in_app_ = true;
        if (root.find("retention") && !config.says_retention) {
            config.keep.reset();
            config.total_bytes.reset();
            read_retention(root, config);
            for (auto& camera : config.cameras)
                if (!camera.own_age) camera.retention.age = config.keep;
        }
        if (const auto cameras = root.find("cameras")) read_cameras(*cameras);
    }

  private:
    void read_retention(const Entry& root, Config& config) {
        const auto keep = root.find("retention");
        config.says_retention = config.says_retention || (keep.has_value() && !set_in_app_);
        if (!keep) {
            config.keep = kKeepUnlessToldOtherwise;
        } else if (is_section(*keep, {"days", "size", "keep_free"})) {
            take(*keep, "days", config.keep, days_from);
            take(*keep, "size", config.total_bytes, size_from);
            take(*keep, "keep_free", config.keep_free, size_from);
        }
    }

    void read_about(const Entry& section, server::About& to) {
        if (!is_section(section,
                        {"operator", "contact", "purpose", "legal_basis", "officer", "authority", "address"}))
            return;
        take_site_text(section, "operator", to.operated_by);
        take_site_text(section, "contact", to.contact);
        take_site_text(section, "purpose", to.purpose);
        take_site_text(section, "legal_basis", to.legal_basis);
        take_site_text(section, "officer", to.officer);
        take_site_text(section, "authority", to.authority);
        take(section, "address", to.address, site_address_from);
    }

    // One text for everybody, or one for each language.
    void take_site_text(const Entry& section, const std::string& name, server::SiteText& to) {
        const auto entry = section.find(name);
        if (!entry) return;
        if (entry->node.IsMap()) {
            if (!is_section(*entry, {"en", "de"})) return;
            take(*entry, "en", to.english, words_from);
            take(*entry, "de", to.german, words_from);
        } else if (const auto text = text_of(*entry)) {
            put(*entry, to.english, words_from(*text));
            to.german = to.english;
        }
    }

    static Result<std::string> words_from(const std::string& text) {
        if (text.size() <= kLongestText) return text;
        return fail(ErrorKind::invalid, "is longer than {} bytes; say it shorter", kLongestText);
    }

    static Result<std::string> site_address_from(const std::string& text) {
        if (!client::is_address(text) || text.find_first_of("?# ") != std::string::npos ||
            text.size() > kLongestText)
            return fail(ErrorKind::invalid,
                        "'{}' is not an address; write the one under which people reach this recorder, such "
                        "as https://cctv.example.org",
                        text);
        return text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
    }

    void read_disks(const Entry& section, std::map<std::string, fs::path>& to) {
        if (!is_section(section, {}, "the disks")) return;
        for (const auto& e : section.node) {
            const auto& name = e.first.Scalar();
            const Entry entry{e.second, section.child(name), e.first.Mark().line + 1};
            if (!store::is_camera_id(name))
                error(entry, "is not a name for a disk; use 1 to 32 of a-z, 0-9 and -");
            if (const auto folder = text_of(entry)) to.emplace(name, (folder_ / *folder).lexically_normal());
        }
    }

    void read_http(const Entry& section, Config::Http& to) {
        take(section, "listen", to.listen, listen_from);
        if (const auto proxy = section.find("proxy")) read_networks(*proxy, to.proxies);
        if (const auto names = section.find("names")) read_names(*names, to.names);
        const auto tls = section.find("tls");
        if (!tls) return;
        if (tls->node.IsScalar() && tls->node.Scalar() == "self-signed") {
            to.self_signed = true;
        } else if (tls->node.IsScalar()) {
            error(*tls, "is neither; write self-signed, or { certificate: FILE, key: FILE }");
        } else if (is_section(*tls, {"certificate", "key"})) {
            const auto file = [&](const std::string& text) -> Result<std::string> {
                return (folder_ / text).lexically_normal().string();
            };
            take_required(*tls, "certificate", "a PEM file with the certificate",
                          to.tls.emplace().certificate, file);
            take_required(*tls, "key", "the PEM file with its key", to.tls->key, file);
        }
    }

    void read_names(const Entry& list, std::vector<std::string>& to) {
        if (!list.node.IsSequence()) return error(list, "is not a list; write [cctv.example.org]");
        for (std::size_t i = 0; i < list.node.size(); ++i) {
            const auto node = list.node[i];
            const Entry item{node, fmt::format("{}[{}]", list.path, i), node.Mark().line + 1};
            const auto name = text_of(item);
            if (!name) continue;
            if (server::host_name(*name) == *name && name->find(':') == std::string::npos)
                to.push_back(*name);
            else
                error(item, "is not the name of a host; write it in small letters and without a port");
        }
    }

    void read_networks(const Entry& list, std::vector<Network>& to) {
        if (!list.node.IsSequence()) return error(list, "is not a list; write [127.0.0.0/8]");
        for (std::size_t i = 0; i < list.node.size(); ++i) {
            const auto node = list.node[i];
            const Entry item{node, fmt::format("{}[{}]", list.path, i), node.Mark().line + 1};
            if (const auto text = text_of(item)) put(item, to.emplace_back(), Network::parse(*text));
        }
    }

    void read_keyholders(const Entry& section, seal::Keyholders& to) {
        if (!is_section(section, {"needed", "keys"})) return;
        take_required(section, "needed", "how many of them must agree, such as needed: 2", to.needed,
                      [](const std::string& text) {
                          return whole_from(text, 1, static_cast<int>(seal::Keyholders::kMost));
                      });
        const auto keys = section.find("keys");
        if (!keys)
            return error(section,
                         "has no keys; write keys: and below it NAME: age1…, one for each keyholder");
        if (!is_section(*keys, {}, "the keyholders")) return;
        bool good = true;
        for (const auto& e : keys->node) {
            const Entry entry{e.second, keys->child(e.first.Scalar()), e.first.Mark().line + 1};
            std::optional<age::Recipient> key;
            if (const auto text = text_of(entry)) put(entry, key, age::Recipient::parse(*text));
            if (key) to.keys.push_back(*key);
            good = good && key;
        }
        if (const auto valid = to.validate(); good && to.needed > 0 && !valid)
            error(section, valid.error().message);
    }

    void read_originals(const Entry& section, std::optional<CameraConfig::Originals>& to) {
        if (!is_section(section, {"basis", "until"})) return;
        to.emplace();
        take_required(section, "basis", "the law or the agreement that wants originals kept, in a few words",
                      to->basis, name_from);
        take_required(section, "until", "the last day on which originals are kept, such as until: 2027-06-30",
                      to->until, last_day_from);
        if (!result_.config.keyholders)
            error(section, "needs those who can open them; add the section keyholders: at the top");
    }

    void read_activity(const Entry& section, std::optional<redact::Counting>& to) {
        if (!is_section(section, {"epsilon", "visits", "interval"})) return;
        to.emplace();
        take_required(section, "epsilon", "the privacy budget of a day, such as epsilon: 1",
                      to->epsilon_thousandths, epsilon_from);
        take(section, "visits", to->visits, [](const std::string& text) { return whole_from(text, 1, 100); });
        take(section, "interval", to->interval, interval_from);
    }

    void read_witnesses(const Entry& list, std::vector<WitnessConfig>& to) {
        if (!list.node.IsSequence())
            return error(list, "is not a list; write [{ url: https://…, key: NAME+12345678+… }]");
        for (std::size_t i = 0; i < list.node.size(); ++i) {
            const auto node = list.node[i];
            const Entry item{node, fmt::format("{}[{}]", list.path, i), node.Mark().line + 1};
            if (!is_section(item, {"url", "key"})) continue;
            std::optional<ledger::Verifier> key;
            std::string url;
            take_required(item, "key", "the public key with which it cosigns", key, witness_key_from);
            take_required(item, "url", "its address, such as url: https://witness.example", url,
                          witness_url_from);
            if (key) to.push_back({*key, url});
        }
    }

    static Result<ledger::Verifier> witness_key_from(const std::string& text) {
        auto key = TRY(ledger::Verifier::parse(text));
        if (key.kind() == ledger::Verifier::Kind::cosignature) return key;
        return fail(ErrorKind::invalid, "is a key that signs ledgers, and not one that cosigns them");
    }

    static Result<std::string> witness_url_from(const std::string& text) {
        if (client::is_address(text)) return text;
        return fail(ErrorKind::invalid, "'{}' is not an address; write http:// or https://", text);
    }

    void read_models(const Entry& root, Config& config) {
        if (const auto inference = root.find("inference");
            inference && is_section(*inference, {"provider", "threads"})) {
            take(*inference, "provider", config.inference.provider, provider_from);
            take(*inference, "threads", config.inference.threads, threads_from);
        }
        const auto models = root.find("models");
        if (!models) return;
        if (!models->node.IsSequence()) return error(*models, "is not a list; write [models/yunet.yaml]");
        for (std::size_t i = 0; i < models->node.size(); ++i) {
            const auto node = models->node[i];
            const Entry item{node, fmt::format("{}[{}]", models->path, i), node.Mark().line + 1};
            const auto file = text_of(item);
            if (!file) continue;
            auto model = load_model_file((folder_ / *file).lexically_normal());
            for (const auto& e : model.errors) error(item, to_string(e, *file));
            config.models.push_back(std::move(model.model));
        }
    }

    void read_cameras(const Entry& cameras) {
        if (!is_section(cameras, {})) return;
        for (const auto& e : cameras.node) {
            const auto& id = e.first.Scalar();
            const Entry entry{e.second, cameras.child(id), e.first.Mark().line + 1};
            if (!store::is_camera_id(id))
                error(entry, "is not a name for a camera; use 1 to 32 of a-z, 0-9 and -");
            const bool known = std::ranges::find(result_.config.cameras, id, &CameraConfig::id) !=
                               result_.config.cameras.end();
            if (!set_in_app_ || !known) read_camera(id, entry);
        }
    }

    void read_camera(const std::string& id, const Entry& entry) {
        if (!is_section(entry, {"name", "url", "inputs", "user", "password", "transport", "loop", "scene",
                                "cover", "style", "masks", "approval", "quiet", "retention", "enabled",
                                "originals", "disk", "audio", "activity"}))
            return;
        CameraConfig camera;
        camera.id = camera.name = id;
        camera.set_in_app = set_in_app_;
        take(entry, "name", camera.name, name_from);
        if (const auto inputs = entry.find("inputs"))
            read_inputs(*inputs, entry, camera.url);
        else if (const auto url = required(
                     entry, "url", "where the pictures come from, such as url: rtsp://10.0.0.5:554/stream"))
            put(*entry.find("url"), camera.url, camera_url_from(*url, folder_));
        const auto expand = [&](const std::string& text) { return expanded(text, environment_); };
        take(entry, "user", camera.user, expand, Variables::yes);
        take(entry, "password", camera.password, expand, Variables::yes);
        take(entry, "transport", camera.transport, transport_from);
        take(entry, "loop", camera.loop, flag_from);
        take(entry, "scene", camera.policy.scene, redact::scene_named);
        take(entry, "style", camera.policy.style, redact::cover_style_named);
        take(entry, "approval", camera.policy.approval, redact::approval_named);
        take(entry, "quiet", camera.quiet, camera::quiet_named);
        if (const auto cover = entry.find("cover")) read_cover(*cover, camera.policy.cover);
        if (const auto masks = entry.find("masks")) read_masks(*masks, camera.policy.masks);
        camera.retention.age = result_.config.keep;
        if (const auto keep = entry.find("retention"); keep && is_section(*keep, {"days", "size"})) {
            camera.own_age = keep->find("days").has_value();
            take(*keep, "days", camera.retention.age, days_from);
            take(*keep, "size", camera.retention.bytes, size_from);
        }
        take(entry, "enabled", camera.enabled, flag_from);
        take(entry, "audio", camera.audio, audio_from);
        take(entry, "disk", camera.disk, [&](const std::string& text) -> Result<std::string> {
            if (result_.config.disks.contains(text)) return text;
            return fail(ErrorKind::invalid, "'{}' is none of the disks; name it below disks: with its folder",
                        text);
        });
        if (const auto activity = entry.find("activity")) read_activity(*activity, camera.policy.count);
        if (const auto originals = entry.find("originals")) read_originals(*originals, camera.originals);
        check_fit(entry, camera);
        result_.config.cameras.push_back(std::move(camera));
    }

    // As other recorders write it: the streams of a camera, and what each is for. One is recorded, and it is
    // covered by what is seen in its own pictures (decision 13).
    void read_inputs(const Entry& list, const Entry& camera, std::string& url) {
        if (const auto other = camera.find("url"))
            return error(*other, "stands beside inputs; keep one of the two");
        if (!list.node.IsSequence() || list.node.size() == 0)
            return error(list, "is not a list; write [{ url: rtsp://10.0.0.5:554/stream, roles: [record] }]");
        bool recorded = false;
        for (std::size_t i = 0; i < list.node.size(); ++i) {
            const auto node = list.node[i];
            const Entry item{node, fmt::format("{}[{}]", list.path, i), node.Mark().line + 1};
            if (!is_section(item, {"url", "roles"})) continue;
            const auto roles = item.find("roles");
            const bool records = roles && read_roles(*roles);
            if (!records)
                error(item,
                      "is not recorded, so nothing is to be seen in it: each picture is covered by what is "
                      "seen in "
                      "itself, and another stream shows another moment. Remove it, or write roles: [record]");
            else if (std::exchange(recorded, true))
                error(item, "is the second that is recorded; make it a camera of its own");
            else
                take_required(item, "url", "where the pictures come from", url,
                              [&](const std::string& text) { return camera_url_from(text, folder_); });
        }
    }

    // Whether it is recorded.
    bool read_roles(const Entry& list) {
        if (!list.node.IsSequence()) {
            error(list, "is not a list; write [record]");
            return true;
        }
        bool records = false;
        for (std::size_t i = 0; i < list.node.size(); ++i) {
            const auto node = list.node[i];
            const Entry item{node, fmt::format("{}[{}]", list.path, i), node.Mark().line + 1};
            const auto role = text_of(item);
            if (role == "record")
                records = true;
            else if (role && *role != "detect")
                error(item, fmt::format("'{}' is no role; known here: record, detect", *role));
        }
        return records;
    }

    static Result<store::SecondFactorRule> second_factor_from(const std::string& text) {
        using enum store::SecondFactorRule;
        if (text == "optional") return optional;
        if (text == "administrators") return administrators;
        if (text == "everybody") return everybody;
        return fail(ErrorKind::invalid, "'{}' is no rule; write optional, administrators or everybody", text);
    }

    static Result<std::string> origin_from(const std::string& text) {
        if (ledger::is_key_name(text)) return text;
        return fail(ErrorKind::invalid,
                    "cannot name a ledger; write something like cctv.example.org/station");
    }

    static Result<std::string> name_from(const std::string& text) {
        const bool one_line = std::none_of(text.begin(), text.end(),
                                           [](char c) { return static_cast<unsigned char>(c) < ' '; });
        if (one_line && text.size() <= kLongestName) return text;
        return fail(ErrorKind::invalid, "is not a name to show; write one line of at most {} bytes",
                    kLongestName);
    }

    void read_masks(const Entry& list, std::vector<redact::Polygon>& masks) {
        if (!list.node.IsSequence()) return error(list, "is not a list; write [\"0.1,0.1 0.4,0.1 0.4,0.5\"]");
        for (std::size_t i = 0; i < list.node.size(); ++i) {
            const auto node = list.node[i];
            const Entry item{node, fmt::format("{}[{}]", list.path, i), node.Mark().line + 1};
            redact::Polygon polygon;
            if (const auto text = text_of(item)) put(item, polygon, redact::polygon_from(*text));
            masks.push_back(std::move(polygon));
        }
    }

    void read_cover(const Entry& list, redact::Subjects& cover) {
        if (list.node.IsScalar() && redact::cover_style_named(list.node.Scalar()))
            return error(list,
                         fmt::format("'{0}' is a way to draw; write style: {0}. cover is the list of what is "
                                     "covered, such as [persons, faces, plates]",
                                     list.node.Scalar()));
        if (!list.node.IsSequence() || list.node.size() == 0)
            return error(list, "is not a list; write what is covered, such as [persons, faces, plates]");
        redact::Subjects chosen;
        bool good = true;
        for (std::size_t i = 0; i < list.node.size(); ++i) {
            const auto node = list.node[i];
            const Entry item{node, fmt::format("{}[{}]", list.path, i), node.Mark().line + 1};
            std::optional<redact::Subject> subject;
            if (const auto text = text_of(item)) put(item, subject, redact::subject_named(*text));
            if (subject) chosen.add(*subject);
            good = good && subject;
        }
        if (!good) return;
        if (const auto checked = redact::check(chosen); checked)
            cover = chosen;
        else
            error(list, checked.error().message);
    }

    // Keys that do not go with this kind of address.
    void check_fit(const Entry& entry, const CameraConfig& camera) {
        if (camera.url.empty()) return;  // that was reported
        const bool is_file = camera.url.starts_with("file:"), is_rtsp = camera.url.starts_with("rtsp");
        const auto refuse = [&](const char* name, const char* what) {
            if (const auto key = entry.find(name)) error(*key, what);
        };
        if (camera.policy.approval == redact::Approval::required &&
            camera.policy.scene == redact::Scene::moving)
            refuse("approval",
                   "needs a background that can be approved, which a moving scene has not; remove it");
        if (camera.policy.scene == redact::Scene::moving)
            refuse("activity", "needs a camera that stands still: a line is drawn in its picture; remove it");
        if (camera.quiet == camera::Quiet::keep && camera.policy.scene == redact::Scene::moving)
            refuse("quiet", "needs a background that is proven, which a moving scene has not; remove it");
        if (!is_rtsp) refuse("transport", "is for rtsp:// only; remove it");
        if (!is_file) refuse("loop", "is for file: only; remove it");
        if (is_file) refuse("user", "is not for file:; remove it");
        if (is_file) refuse("password", "is not for file:; remove it");
        if (!is_file && !entry.find("user")) refuse("password", "is there without a user; add the key user:");
    }

    const fs::path& folder_;
    const Environment& environment_;
    ConfigResult& result_;
    bool set_in_app_ = false;
};

}  // namespace

store::RetentionPlan Config::retention_plan() const {
    store::RetentionPlan plan{
        .cameras = {}, .others = {keep, {}}, .total_bytes = total_bytes, .keep_free = keep_free};
    for (const auto& camera : cameras) plan.cameras[camera.id] = camera.retention;
    return plan;
}

store::DiskPlan Config::disk_plan() const {
    store::DiskPlan plan{.folders = disks, .of_camera = {}};
    for (const auto& camera : cameras)
        if (!camera.disk.empty()) plan.of_camera.emplace(camera.id, camera.disk);
    return plan;
}

std::string Config::Http::warning() const {
    const bool loopback = listen.host == "::1" || listen.host.starts_with("127.");
    if (loopback || tls || self_signed || !proxies.empty()) return {};
    return fmt::format(
        "http.listen: {}:{} is reached from elsewhere, and without TLS passwords and pictures can be read on "
        "the way; add tls: self-signed, or a certificate, or a proxy (doc/config.md)",
        listen.host, listen.port);
}

std::string to_string(const ConfigError& e, const fs::path& file) {
    return fmt::format("{}:{}{}{} {}", file.string(), e.line > 0 ? fmt::format("{}:", e.line) : "",
                       e.key.empty() ? "" : fmt::format(" {}", e.key), e.key.empty() ? "" : ":", e.what);
}

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value ? std::optional<std::string>{value} : std::nullopt;
    };
}

ConfigResult parse_config(const std::string& text, const fs::path& folder, const Environment& environment) {
    ConfigResult result;
    read_yaml(text, "doc/config.md", result.errors, [&](const YamlEntry& root) {
        Reader{folder, environment, result}.read(root);
    });
    return result;
}

ConfigResult parse_settings(const std::string& text, const Config& config) {
    ConfigResult result{config, {}};
    const fs::path nowhere{"/"};
    // Environment variables are the owner's.
    const Environment none = [](const std::string&) { return std::nullopt; };
    read_yaml(text, "doc/config.md", result.errors, [&](const YamlEntry& root) {
        Reader{nowhere, none, result}.read_settings(root);
    });
    return result;
}

ConfigResult load_config(const fs::path& file, const Environment& environment) {
    const auto text = read_file(file);
    if (!text) {
        ConfigResult result;
        result.errors.push_back(
            {0, "", fmt::format("{}; check the name after --config", text.error().message)});
        return result;
    }
    return parse_config(*text, fs::absolute(file).parent_path(), environment);
}

}  // namespace passerby::app
