// Reads a YAML file strictly, top down, and collects what is wrong with it: line, key and the mend. A key
// that is wrong leaves its default, and the reading goes on. What the config file and the descriptions of
// models share.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "app/config.h"

namespace passerby::app {

// A value in the file, and where it stands: its line is that of its key.
struct YamlEntry {
    YAML::Node node;
    std::string path;  // "cameras.entrance.url"; empty for the whole file
    int line = 1;

    std::string child(const std::string& name) const { return path.empty() ? name : path + "." + name; }
    std::optional<YamlEntry> find(const std::string& name) const;
};

class YamlReader {
  protected:
    using Keys = std::vector<std::string>;
    enum class Variables { no, yes };

    explicit YamlReader(std::vector<ConfigError>& errors) : errors_{errors} {}

    void error(int line, std::string key, std::string what) {
        errors_.push_back({line, std::move(key), std::move(what)});
    }
    void error(const YamlEntry& at, std::string what) { error(at.line, at.path, std::move(what)); }

    // Whether keys stand below it; reports those that are unknown or repeated. Without `known` any key is
    // good; `these` says what the keys are then.
    bool is_section(const YamlEntry&, const Keys& known, const char* these = "the cameras");
    std::optional<std::string> text_of(const YamlEntry&, Variables variables = Variables::no);
    std::optional<std::string> required(const YamlEntry& section, const std::string& name, const char* what);

    template <class T, class Value>
    void put(const YamlEntry& entry, T& to, Result<Value> parsed) {
        if (parsed)
            to = std::move(parsed).value();
        else
            error(entry, std::move(parsed).error().message);
    }

    // Puts what `parse` makes of the key's text into `to`, if the key is there.
    template <class T, class Parse>
    void take(const YamlEntry& section, const std::string& name, T& to, Parse parse,
              Variables variables = Variables::no) {
        if (const auto entry = section.find(name))
            if (const auto text = text_of(*entry, variables)) put(*entry, to, parse(*text));
    }
    // The same, where the key must be there; `what` to write otherwise.
    template <class T, class Parse>
    void take_required(const YamlEntry& section, const std::string& name, const char* what, T& to,
                       Parse parse) {
        if (const auto text = required(section, name, what)) put(*section.find(name), to, parse(*text));
    }

  private:
    std::vector<ConfigError>& errors_;
};

// Hands the one document in `text` to `read` and puts all errors into the order of their lines. `page` of the
// documentation shows what belongs in the file.
void read_yaml(const std::string& text, const char* page, std::vector<ConfigError>& errors,
               const std::function<void(const YamlEntry&)>& read);

}  // namespace passerby::app
