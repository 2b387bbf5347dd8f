// The HTTP server of `passerby serve`: the web app's files, the API of doc/api.md and the live view.
//
// It sees covered pictures only, by way of camera::Feed and the store. It has its own threads: a few for the
// network that never wait for a disk, some for the store, two for password hashes, two for exports.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/camera_address.h"
#include "base/result.h"
#include "base/time.h"
#include "camera/feed.h"
#include "camera/protocol.h"
#include "seal/keyholders.h"
#include "server/about.h"
#include "store/accounts.h"
#include "store/ledger.h"
#include "store/retention.h"
#include "store/second_factor.h"
#include "store/store.h"

namespace passerby::server {

class CameraList;
class CameraSettings;

// What a camera sends is kept too, sealed.
struct OriginalsRule {
    seal::Keyholders keyholders;
    std::string basis;
    WallTime until;
};

struct CameraEntry {
    std::string id;                      // [a-z0-9-]{1,32}, as in the store
    std::string name;                    // for people
    std::string scene, style;            // "fixed", "moving" · "silhouette", "vanish", "block"
    std::vector<std::string> cover;      // "persons", "faces", …
    std::shared_ptr<camera::Feed> feed;  // null: switched off in the configuration
    std::string approval = "none";       // or "required": the scene is shown only where a person approved it
    // Passes on what is approved now. Null where that is not required.
    std::function<Status(const camera::Approvals&)> approve = {};
    std::optional<OriginalsRule> originals = {};  // nothing: they are never written
    std::string audio = "dropped";                // or "kept"
    std::vector<std::string> fixed_masks = {};    // the config's polygons: not to be changed here
    // Draws these beside the config's, from now on. Null: switched off.
    std::function<Status(std::vector<redact::Polygon>)> draw = {};
    std::optional<redact::Counting> counting = {};  // nothing: no numbers of persons ever leave its process
    // Counts at these from now on. Null: switched off, or nothing is counted.
    std::function<Status(const std::vector<vision::Place>&)> count = {};
    store::Retention retention = {};  // for how long it is kept, as far as that is said of it
};

// Where every use is put on the record before it happens. Without a ledger, for that reason, nothing of the
// kind is possible: recording goes on, and nobody can look.
struct LedgerOrReason {
    std::shared_ptr<store::Ledger> ledger;
    std::string reason = {};
};

// PEM files.
struct TlsFiles {
    std::string certificate;  // and those between it and its issuer
    std::string key;          // without a password
};
// For ten years, for these names and addresses.
Status make_self_signed(const TlsFiles&, const std::vector<std::string>& names);
// SHA-256, as browsers show it: "AB:CD:…".
Result<std::string> fingerprint_of(const std::filesystem::path& certificate);

struct ServerSettings {
    std::string address = "127.0.0.1";   // an IP address, not a name
    std::uint16_t port = 8080;           // 0: any that is free
    std::filesystem::path web_folder{};  // the built web app; empty: API only
    // Names under which the server is reached besides its addresses, for instance behind a proxy. Bound to
    // loopback, any other Host is refused, so that a page elsewhere cannot reach in by DNS rebinding.
    std::vector<std::string> host_names{};
    store::SecondFactorRule second_factor = store::SecondFactorRule::optional;
    std::optional<TlsFiles> tls{};  // nothing: plain HTTP
    // Of a proxy that ends TLS in front: from there X-Forwarded-For and X-Forwarded-Proto are believed.
    std::vector<Network> proxies{};
    std::shared_ptr<CameraSettings> settings{};  // null: the config file alone says how it is set
    About about{};                               // what is said to those who pass the cameras

    // Where there are more, the oldest without an account gives way, or else the new one is answered 503.
    int max_connections = 512;
    int max_of_one = 128;  // of one address that is no proxy's
    std::chrono::milliseconds header_time{
        15'000};  // for a request's header to be there, from the connection's start
    std::chrono::milliseconds idle_time{60'000};   // between two requests of a connection
    std::chrono::milliseconds body_time{15'000};   // for a request's body
    std::chrono::milliseconds write_time{60'000};  // for the client to take one chunk (256 KiB) of an answer
    // What may wait for one live viewer; who lets more pile up is cut off.
    std::size_t live_bytes = std::size_t{16} << 20;
    std::size_t live_messages = 64;
    std::chrono::milliseconds live_silence{
        20'000};  // without a sign of life; after half of it a ping asks for one
    std::chrono::milliseconds live_grace{2'000};  // for who is cut off to read so in the close frame
};

// Thread-safe. The destructor stops.
class Server {
  public:
    // Listens and serves when this returns; invalid, too: the certificate or its key. The clock outlives the
    // server. ErrorKind::invalid: the address or a camera id is none; denied, exists: the port cannot be had;
    // not_found: the web app is not there.
    static Result<std::unique_ptr<Server>> start(ServerSettings, std::shared_ptr<CameraList>,
                                                 std::shared_ptr<store::Store>,
                                                 std::shared_ptr<store::Accounts>, LedgerOrReason, Clock&,
                                                 std::string version);
    virtual ~Server() = default;
    virtual std::string address() const = 0;  // "http://127.0.0.1:8080", with TLS https
    virtual std::uint16_t port() const = 0;
    // What is gathered and put on the record now and then: failed logins, in sum.
    virtual Status put_sums_on_record() = 0;
    // Closes the listening socket, ends every connection (live viewers are told 1001) and joins the threads:
    // about a second. Calling it twice does nothing.
    virtual void stop() = 0;
};

}  // namespace passerby::server
