// The config file: YAML, strict. Unknown keys are errors, every error names its line, its key and the mend,
// and all of them are reported at once. doc/config.md describes the keys.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/witnesses.h"
#include "base/camera_address.h"
#include "camera/protocol.h"
#include "redact/policy.h"
#include "seal/keyholders.h"
#include "server/about.h"
#include "server/server.h"
#include "store/retention.h"
#include "store/second_factor.h"
#include "vision/model_description.h"

namespace passerby::app {

struct CameraConfig {
    enum class Transport { tcp, udp };

    std::string id;    // [a-z0-9-]{1,32}; names files and addresses, so it should not change
    std::string name;  // for people; the id where the file gives none
    std::string url;   // rtsp, rtsps, http or https without user and password, or file: with an absolute path
    std::string user, password;
    Transport transport = Transport::tcp;
    bool loop = false;  // a file begins again at its end
    redact::Policy policy;
    camera::Quiet quiet = camera::Quiet::keep;
    store::Retention retention;  // the camera's own, filled up with the default for the age
    std::string disk;            // of Config::disks; empty: the data folder
    bool enabled = true;
    enum class Audio { drop, keep } audio = Audio::drop;  // voices identify people
    bool own_age = false;     // it says itself for how long, and does not follow Config::keep
    bool set_in_app = false;  // and not in the config file
    // What the camera sends is kept as well, sealed to Config::keyholders.
    struct Originals {
        std::string basis;  // the law or the agreement that wants it, in a few words
        WallTime until;     // nothing is kept from then on
    };
    std::optional<Originals> originals = {};
};

// What runs the models.
struct Inference {
    std::string provider = "cpu";
    std::optional<int> threads;  // for each file or camera; nothing: as many as suits it
};

struct Config {
    struct Listen {
        std::string host = "127.0.0.1";  // an IP address, without brackets
        int port = 8420;
    };
    struct Http {
        Listen listen;
        bool self_signed = false;  // a certificate is made in the data folder
        std::optional<server::TlsFiles> tls;
        std::vector<Network> proxies;
        std::vector<std::string> names;  // of this host, besides its addresses

        // Passwords go over the network in the clear: why, and the mend; empty: they do not.
        std::string warning() const;
    };
    std::filesystem::path data;                          // absolute
    std::map<std::string, std::filesystem::path> disks;  // other folders for recordings, by name; absolute
    Http http;
    store::SecondFactorRule second_factor = store::SecondFactorRule::optional;
    bool says_retention = false;
    std::optional<Micros> keep;  // default age for every camera, also for those no longer configured
    std::optional<std::uint64_t> total_bytes;      // of all recordings together
    std::optional<std::uint64_t> keep_free;        // on every disk
    std::vector<vision::ModelDescription> models;  // the user's
    Inference inference;
    std::optional<seal::Keyholders> keyholders;  // of every camera with originals
    std::vector<WitnessConfig> witnesses;        // of the ledger
    std::string ledger_origin;                   // names the ledger; empty: it names itself
    server::About about;                         // what is said to those who pass the cameras
    std::vector<CameraConfig> cameras;           // in the order of the file
    std::vector<Network>
        camera_networks;  // where cameras may be that are set in the app (base/camera_address.h)

    store::RetentionPlan retention_plan() const;
    store::DiskPlan disk_plan() const;
};

struct ConfigError {
    int line = 0;     // from 1; 0: the file as a whole
    std::string key;  // "cameras.entrance.url"
    std::string
        what;  // what is wrong, and the mend: "is not a size; write a number and a unit, such as 200 GB"
};

// "passerby.yaml:7: cameras.entrance.url: …"
std::string to_string(const ConfigError&, const std::filesystem::path& file);

// Either a config, or at least one error; in the order of their lines.
struct ConfigResult {
    Config config;  // to be used only when there are no errors
    std::vector<ConfigError> errors;
    explicit operator bool() const { return errors.empty(); }
};

// The value of an environment variable, nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
Environment process_environment();

// Relative paths in the file count from the folder of the file.
ConfigResult load_config(const std::filesystem::path& file, const Environment& = process_environment());
// `folder`: absolute; where the text would be a file.
ConfigResult parse_config(const std::string& text, const std::filesystem::path& folder, const Environment&);
// What is set in the app: the keys `cameras` and, where the config file does not say it, `retention`. A
// camera that `config` has already is left as it is there. Gives both together.
ConfigResult parse_settings(const std::string& text, const Config& config);

}  // namespace passerby::app
