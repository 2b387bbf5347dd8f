// The rules under which a camera is recorded, as the ledger and the manifests state them: what is covered and
// how, what is shown, for how long it is kept, and by which models.
#pragma once

#include <map>
#include <string>

#include "app/config.h"
#include "ledger/entry.h"

namespace passerby::app {

// Name and SHA-256 of every model that looks: the built-in ones in `models_folder`, and the user's.
Result<std::map<std::string, std::string>> model_hashes(const std::string& models_folder,
                                                        const std::vector<vision::ModelDescription>& own);

// `keyholders`: of the config, where it has any.
ledger::Fields rules_of(const CameraConfig&, const std::optional<seal::Keyholders>& keyholders,
                        const std::map<std::string, std::string>& models);

}  // namespace passerby::app
