// What is set in the app: cameras, and for how long is kept. The recorder implements it; the server decides
// who may, asks a second person where less would be protected, and puts it on the record first.
//
// Cameras are objects with the keys of the config file: {"name", "url", "user", "password", "transport",
// "scene", "style", "cover", "approval", "retention": {"days", "size"}, "enabled"}. A password goes in and
// never comes out.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace passerby::server {

// One change that is valid and was not made yet.
struct SettingsChange {
    std::string camera;               // its id; empty: how long all recordings are kept
    std::string change;               // "added", "changed", "removed"
    std::vector<std::string> fields;  // what becomes another, "retention"
    bool less = false;                // it protects less: kept longer, less covered
    nlohmann::json after;             // as it is kept, with the password; null: it is gone
};

class CameraSettings {
  public:
    virtual ~CameraSettings() = default;

    // {"cameras": [{"id", "fixed", "has_password", …}], "retention": {"fixed", "days", "size"}}. `fixed`: the
    // config file says it, and it cannot be changed here.
    virtual nlohmann::json describe() const = 0;
    // invalid, with the key and the mend; denied: the config file says otherwise; not_found.
    virtual Result<SettingsChange> camera(const std::string& id, const nlohmann::json& wanted) const = 0;
    virtual Result<SettingsChange> without(const std::string& id) const = 0;
    virtual Result<SettingsChange> retention(const nlohmann::json& wanted) const = 0;
    // Kept for good, and in effect when this returns. A camera that cannot start is kept all the same.
    virtual Status make(const SettingsChange&) = 0;
    // Connects for some seconds, and records nothing: {"ok", "trouble", "error", "size", "fps", "covered",
    // "picture"}. Waits; gives up when `gone`.
    virtual Result<nlohmann::json> test(const std::string& id, const nlohmann::json& wanted,
                                        const std::atomic<bool>& gone) = 0;
    // Cameras on the network that speak ONVIF: {"devices": [{"name", "address"}]}. Waits for some seconds.
    virtual Result<nlohmann::json> discover() = 0;
    // Of {"address", "user", "password"}: {"streams": [{"name", "url", "size"}]}. invalid: the address is not
    // where a camera may be. Waits.
    virtual Result<nlohmann::json> streams(const nlohmann::json& device) = 0;
    // The file of these settings, without passwords.
    virtual std::string backup() const = 0;
};

}  // namespace passerby::server
