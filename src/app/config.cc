#include "app/config.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include <yaml-cpp/yaml.h>

#include "app/config_values.h"
#include "base/file.h"
#include "store/paths.h"

namespace passerby::app {

namespace fs = std::filesystem;

namespace {

constexpr Micros kKeepUnlessToldOtherwise = std::chrono::days{7};
constexpr std::size_t kLongestName = 100;

// A value in the file, and where it stands: its line is that of its key.
struct Entry {
    YAML::Node node;
    std::string path;  // "cameras.entrance.url"; empty for the whole file
    int line = 1;

    std::string child(const std::string& name) const { return path.empty() ? name : path + "." + name; }
    std::optional<Entry> find(const std::string& name) const {
        // Not node[name]: that would look a number up as an index.
        for (const auto& e : node)
            if (e.first.Scalar() == name) return Entry{e.second, child(name), e.first.Mark().line + 1};
        return std::nullopt;
    }
};

using Keys = std::vector<std::string>;

// Reads the file top down and collects what is wrong; a key that is wrong leaves its default and the reading
// goes on.
class Reader {
  public:
    Reader(const fs::path& folder, const Environment& environment, ConfigResult& result)
        : folder_{folder}, environment_{environment}, result_{result} {}

    void read(const Entry& root) {
        if (!is_section(root, {"data", "http", "retention", "cameras"})) return;
        auto& config = result_.config;
        if (const auto data =
                required(root, "data", "the folder for recordings, such as data: /var/lib/passerby"))
            config.data = (folder_ / *data).lexically_normal();
        if (const auto http = root.find("http"); http && is_section(*http, {"listen"}))
            take(*http, "listen", config.listen, listen_from);
        read_retention(root, config);
        if (const auto cameras = root.find("cameras"))
            read_cameras(*cameras);
        else
            error(root.line, "cameras", "is missing; name at least one camera, with its url");
    }

  private:
    void error(int line, std::string key, std::string what) {
        result_.errors.push_back({line, std::move(key), std::move(what)});
    }
    void error(const Entry& at, std::string what) { error(at.line, at.path, std::move(what)); }

    // Whether keys stand below it; reports those that are unknown or repeated. Without `known` any key is
    // good.
    bool is_section(const Entry& entry, const Keys& known) {
        if (!entry.node.IsMap() || entry.node.size() == 0) {
            error(entry,
                  fmt::format("{}; write keys below it: {}",
                              entry.node.IsNull() || entry.node.IsMap() ? "is empty" : "is no section",
                              known.empty() ? "the cameras" : fmt::format("{}", fmt::join(known, ", "))));
            return false;
        }
        std::set<std::string> seen;
        for (const auto& e : entry.node) {
            const auto& name = e.first.Scalar();
            const int line = e.first.Mark().line + 1;
            if (!known.empty() && std::find(known.begin(), known.end(), name) == known.end())
                error(line, entry.child(name), "is not a key" + known_keys_hint(name, known));
            else if (!seen.insert(name).second)
                error(line, entry.child(name), "is there twice; remove one of them");
        }
        return true;
    }

    enum class Variables { no, yes };

    std::optional<std::string> text_of(const Entry& entry, Variables variables = Variables::no) {
        const auto& node = entry.node;
        if (node.IsNull() || (node.IsScalar() && node.Scalar().empty())) {
            error(entry, "is empty; give it a value or remove the key");
        } else if (!node.IsScalar()) {
            error(entry, "is a list or a section; write one value");
        } else if (variables == Variables::no && node.Scalar().find("${") != std::string::npos) {
            error(entry,
                  "has an environment variable in it, which works for user and password only; write the "
                  "value here");
        } else {
            return node.Scalar();
        }
        return std::nullopt;
    }

    std::optional<std::string> required(const Entry& section, const std::string& name, const char* what) {
        if (const auto entry = section.find(name)) return text_of(*entry);
        error(section.line, section.child(name), fmt::format("is missing; write {}", what));
        return std::nullopt;
    }

    template <class T, class Value>
    void put(const Entry& entry, T& to, Result<Value> parsed) {
        if (parsed)
            to = std::move(parsed).value();
        else
            error(entry, std::move(parsed).error().message);
    }

    // Puts what `parse` makes of the key's text into `to`, if the key is there.
    template <class T, class Parse>
    void take(const Entry& section, const std::string& name, T& to, Parse parse,
              Variables variables = Variables::no) {
        if (const auto entry = section.find(name))
            if (const auto text = text_of(*entry, variables)) put(*entry, to, parse(*text));
    }

    void read_retention(const Entry& root, Config& config) {
        const auto keep = root.find("retention");
        if (!keep) {
            config.keep = kKeepUnlessToldOtherwise;
        } else if (is_section(*keep, {"days", "size"})) {
            take(*keep, "days", config.keep, days_from);
            take(*keep, "size", config.total_bytes, size_from);
        }
    }

    void read_cameras(const Entry& cameras) {
        if (!is_section(cameras, {})) return;
        for (const auto& e : cameras.node) {
            const auto& id = e.first.Scalar();
            const Entry entry{e.second, cameras.child(id), e.first.Mark().line + 1};
            if (!store::is_camera_id(id))
                error(entry, "is not a name for a camera; use 1 to 32 of a-z, 0-9 and -");
            read_camera(id, entry);
        }
    }

    void read_camera(const std::string& id, const Entry& entry) {
        if (!is_section(entry, {"name", "url", "user", "password", "transport", "loop", "scene", "cover",
                                "style", "masks", "retention", "enabled"}))
            return;
        CameraConfig camera;
        camera.id = camera.name = id;
        take(entry, "name", camera.name, name_from);
        if (const auto url = required(
                entry, "url", "where the pictures come from, such as url: rtsp://10.0.0.5:554/stream"))
            put(*entry.find("url"), camera.url, camera_url_from(*url, folder_));
        const auto expand = [&](const std::string& text) { return expanded(text, environment_); };
        take(entry, "user", camera.user, expand, Variables::yes);
        take(entry, "password", camera.password, expand, Variables::yes);
        take(entry, "transport", camera.transport, transport_from);
        take(entry, "loop", camera.loop, flag_from);
        take(entry, "scene", camera.policy.scene, redact::scene_named);
        take(entry, "style", camera.policy.style, redact::cover_style_named);
        if (const auto cover = entry.find("cover")) read_cover(*cover, camera.policy.cover);
        if (const auto masks = entry.find("masks")) read_masks(*masks, camera.policy.masks);
        camera.retention.age = result_.config.keep;
        if (const auto keep = entry.find("retention"); keep && is_section(*keep, {"days", "size"})) {
            take(*keep, "days", camera.retention.age, days_from);
            take(*keep, "size", camera.retention.bytes, size_from);
        }
        take(entry, "enabled", camera.enabled, flag_from);
        check_fit(entry, camera);
        result_.config.cameras.push_back(std::move(camera));
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
        if (!is_rtsp) refuse("transport", "is for rtsp:// only; remove it");
        if (!is_file) refuse("loop", "is for file: only; remove it");
        if (is_file) refuse("user", "is not for file:; remove it");
        if (is_file) refuse("password", "is not for file:; remove it");
        if (!is_file && !entry.find("user")) refuse("password", "is there without a user; add the key user:");
    }

    const fs::path& folder_;
    const Environment& environment_;
    ConfigResult& result_;
};

}  // namespace

store::RetentionPlan Config::retention_plan() const {
    store::RetentionPlan plan{.cameras = {}, .others = {keep, {}}, .total_bytes = total_bytes};
    for (const auto& camera : cameras) plan.cameras[camera.id] = camera.retention;
    return plan;
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
    try {
        const auto documents = YAML::LoadAll(text);
        if (documents.size() != 1 || !documents.front().IsDefined() || documents.front().IsNull())
            result.errors.push_back({1, "",
                                     documents.size() > 1
                                         ? "is more than one document; remove the lines ---"
                                         : "is empty; doc/config.md shows what belongs in it"});
        else
            Reader{folder, environment, result}.read(
                {documents.front(), "", documents.front().Mark().line + 1});
    } catch (const YAML::Exception& e) {
        result.errors.push_back(
            {e.mark.line + 1, "",
             fmt::format("is not YAML: {}; check quotes, colons and indentation", e.msg)});
    }
    std::stable_sort(result.errors.begin(), result.errors.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
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
