// The description of a user's model on its way to a camera's process. A part of protocol.cc.
#pragma once

#include "base/result.h"
#include "vision/model_description.h"

namespace passerby::camera {

namespace wire {
class Model;
}

void put_model(const vision::ModelDescription&, wire::Model&);
Result<vision::ModelDescription> taken_model(const wire::Model&);

}  // namespace passerby::camera
