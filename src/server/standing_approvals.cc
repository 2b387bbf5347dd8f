#include "server/standing_approvals.h"

namespace passerby::server {

Result<camera::Approvals> standing_approvals(const store::Approvals& approvals, const std::string& camera) {
    camera::Approvals all;
    for (auto& stands : TRY(approvals.standing(camera, camera::kMostApproved))) {
        camera::Approved approved{std::move(stands.picture), {}};
        for (const auto& part : stands.refused) approved.refused.push_back(TRY(redact::polygon_from(part)));
        all.pictures.push_back(std::move(approved));
    }
    return all;
}

}  // namespace passerby::server
