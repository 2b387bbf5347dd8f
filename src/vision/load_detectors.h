// Makes the set of detectors: the built-in models, and those that a user brings to replace or join them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vision/detectors.h"
#include "vision/model_description.h"

namespace passerby::vision {

struct DetectorOptions {
    std::string models_folder;  // with models.json
    int threads = 1;
    std::string provider = "cpu";               // what the networks run on (vision/onnx_model.h)
    std::vector<ModelDescription> models = {};  // the user's
};

// Loads the models, checks them and tries each once: an error names the model's file and the mend.
Result<std::unique_ptr<Detectors>> load_detectors(const DetectorOptions&);

}  // namespace passerby::vision
