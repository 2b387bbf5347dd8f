#include "app/yaml_reader.h"

#include <algorithm>
#include <set>

#include <fmt/ranges.h>

#include "app/config_values.h"

namespace passerby::app {

std::optional<YamlEntry> YamlEntry::find(const std::string& name) const {
    // Not node[name]: that would look a number up as an index.
    for (const auto& e : node)
        if (e.first.Scalar() == name) return YamlEntry{e.second, child(name), e.first.Mark().line + 1};
    return std::nullopt;
}

bool YamlReader::is_section(const YamlEntry& entry, const Keys& known, const char* these) {
    if (!entry.node.IsMap() || entry.node.size() == 0) {
        error(entry, fmt::format("{}; write keys below it: {}",
                                 entry.node.IsNull() || entry.node.IsMap() ? "is empty" : "is no section",
                                 known.empty() ? these : fmt::format("{}", fmt::join(known, ", "))));
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

std::optional<std::string> YamlReader::text_of(const YamlEntry& entry, Variables variables) {
    const auto& node = entry.node;
    if (node.IsNull() || (node.IsScalar() && node.Scalar().empty())) {
        error(entry, "is empty; give it a value or remove the key");
    } else if (!node.IsScalar()) {
        error(entry, "is a list or a section; write one value");
    } else if (variables == Variables::no && node.Scalar().find("${") != std::string::npos) {
        error(entry,
              "has an environment variable in it, which works for user and password only; write the value "
              "here");
    } else {
        return node.Scalar();
    }
    return std::nullopt;
}

std::optional<std::string> YamlReader::required(const YamlEntry& section, const std::string& name,
                                                const char* what) {
    if (const auto entry = section.find(name)) return text_of(*entry);
    error(section.line, section.child(name), fmt::format("is missing; write {}", what));
    return std::nullopt;
}

void read_yaml(const std::string& text, const char* page, std::vector<ConfigError>& errors,
               const std::function<void(const YamlEntry&)>& read) {
    try {
        const auto documents = YAML::LoadAll(text);
        if (documents.size() != 1 || !documents.front().IsDefined() || documents.front().IsNull())
            errors.push_back({1, "",
                              documents.size() > 1
                                  ? "is more than one document; remove the lines ---"
                                  : fmt::format("is empty; {} shows what belongs in it", page)});
        else
            read({documents.front(), "", documents.front().Mark().line + 1});
    } catch (const YAML::Exception& e) {
        errors.push_back({e.mark.line + 1, "",
                          fmt::format("is not YAML: {}; check quotes, colons and indentation", e.msg)});
    }
    std::stable_sort(errors.begin(), errors.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
}

}  // namespace passerby::app
