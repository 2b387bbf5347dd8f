// What is set in the app, kept beside the config file in DATA/settings.yaml, in the same syntax and read by
// the same code (decision: two files, the owner's wins). The file is the recorder's: people write theirs.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "app/config.h"
#include "app/installation.h"
#include "server/camera_settings.h"

namespace passerby::app {

// Of two rules of a camera: whether the second protects less. Nothing before: as a camera is that is added
// without saying anything more.
bool protects_less(const CameraConfig& before, const CameraConfig& after);

class Settings final : public server::CameraSettings {
  public:
    // corrupt: the file is not as it was written; it names the line. `config`: of the config file; its
    // cameras are not to be changed here.
    static Result<std::unique_ptr<Settings>> load(Config config);

    // The config's cameras and those that are set here, for the recorder's start.
    Config together() const;
    // From now on changes take effect there.
    void attach(std::shared_ptr<Installation> installation,
                std::function<void(const store::RetentionPlan&)> keep);

    nlohmann::json describe() const override;
    Result<server::SettingsChange> camera(const std::string& id, const nlohmann::json& wanted) const override;
    Result<server::SettingsChange> without(const std::string& id) const override;
    Result<server::SettingsChange> retention(const nlohmann::json& wanted) const override;
    Status make(const server::SettingsChange&) override;
    Result<nlohmann::json> test(const std::string& id, const nlohmann::json& wanted,
                                const std::atomic<bool>& gone) override;
    Result<nlohmann::json> discover() override;
    Result<nlohmann::json> streams(const nlohmann::json& device) override;
    std::string backup() const override;

  private:
    // In parentheses: in braces it would become a list of one.
    Settings(Config config, nlohmann::json kept) : config_{std::move(config)}, kept_(std::move(kept)) {}
    bool is_fixed(const std::string& id) const;
    // The config with what `kept` says.
    Result<Config> with(const nlohmann::json& kept) const;
    Result<nlohmann::json> node_of(const std::string& id, const nlohmann::json& wanted) const;

    const Config config_;
    std::shared_ptr<Installation> installation_;
    std::function<void(const store::RetentionPlan&)> keep_;
    mutable std::mutex mutex_;
    nlohmann::json kept_;  // what is in the file; guarded by mutex_
};

}  // namespace passerby::app
