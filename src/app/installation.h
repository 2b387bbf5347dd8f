// The cameras of a running recorder: each is started, changed and taken away by itself, while the others go
// on. The rules of a camera are on the record before they take effect (promise P6).
//
// Thread-safe; one change at a time. The destructor stops all.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "app/config.h"
#include "app/recording.h"
#include "base/camera_address.h"
#include "camera/supervisor.h"
#include "server/camera_list.h"
#include "store/ledger.h"

namespace passerby::app {

class Installation {
  public:
    struct Surroundings {
        Config config;  // for what is not of one camera: models, keyholders
        std::string models_folder;
        std::map<std::string, std::string> model_hashes;
        std::shared_ptr<store::Store> store;
        std::shared_ptr<store::Ledger> ledger;  // null: cameras whose rules are new stay off
        std::shared_ptr<server::CameraList> list;
    };
    explicit Installation(Surroundings surroundings) : in_{std::move(surroundings)} {}
    ~Installation() { stop(); }

    // From now on it is recorded as this says. unavailable: its rules could not be put on the record, and it
    // stays off.
    Status set(const CameraConfig&);
    // It is no more. What was recorded of it stays.
    Status remove(const std::string& id);
    // Says on the record that the cameras that are not set any more are gone.
    void forget_others();
    // All at once. Nothing can be set afterwards.
    void stop();

    // What a camera's process is told.
    camera::Start start_message(const CameraConfig&) const;

  private:
    struct Running {
        std::shared_ptr<camera::Feed> feed = std::make_shared<camera::Feed>();
        std::unique_ptr<Recording> recording;
        std::unique_ptr<camera::Supervisor> supervisor;
        ~Running();
    };
    ledger::Fields rules(const CameraConfig&) const;
    Status put_rules_on_record(const CameraConfig&);
    Result<std::shared_ptr<Running>> start(const CameraConfig&);
    server::CameraEntry entry_of(const CameraConfig&) const;
    Status leave_off(const CameraConfig&, const std::string& why);

    const Surroundings in_;
    std::mutex mutex_;
    bool stopped_ = false;                                     // guarded by mutex_
    std::map<std::string, std::shared_ptr<Running>> running_;  // guarded by mutex_
};

}  // namespace passerby::app
