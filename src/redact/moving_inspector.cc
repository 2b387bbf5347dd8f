#include "redact/moving_inspector.h"

#include <algorithm>

#include "base/time.h"
#include "media/orientation.h"
#include "redact/plates.h"
#include "redact/tiles.h"
#include "vision/suppress.h"

namespace passerby::redact {

namespace {

using vision::Detection;
using vision::Kind;

// Detections below these are not believed. In a part of the picture chance has more to choose from.
constexpr float kBody = 0.2F, kBodyInPart = 0.35F, kFace = 0.4F;
constexpr float kVehicle = 0.2F, kScreen = 0.25F;
// Of detections of one thing that overlap by more than this, the best stays.
constexpr float kSameThing = 0.6F;
constexpr float kFills = 0.8F, kLargestFace = 0.3F;
// Sides of the parts, of the picture's longer side; not less than what the networks would only blow up.
constexpr double kBodyPart = 0.6, kPlatePart = 0.4, kFaceParts[] = {0.6, 0.4, 0.25};
constexpr int kLeastBodyPart = 208, kLeastFacePart = 64, kLeastPlatePart = 160;
// Parts for bodies that are looked at in a frame of a film, in turn.
constexpr std::size_t kPartsInTurn = 2;
// A head is half as high as its person is wide; heads bow.
constexpr float kHeadHeight = 0.7F;
constexpr int kPlateLooksInTurn = 2, kMostPlateLooks = 24;

// The box of a face spans brow to chin; a head is larger.
Detection head_of(const Detection& face) {
    return {Kind::face,        face.score,        face.x - 0.35F * face.width, face.y - 0.5F * face.height,
            1.7F * face.width, 1.8F * face.height};
}

float longest_of(image::Rect part) {
    return static_cast<float>(std::max(part.width, part.height));
}

// Where the head of a person is of whom more or less can be seen, from the head down.
Detection head_of_person(const Detection& person) {
    return {Kind::face, person.score, person.x,
            person.y,   person.width, std::min(person.height, kHeadHeight * person.width)};
}

// What fills a part is seen better in the whole picture; in the part it is mostly a mistake.
bool fills(image::Rect part, const Detection& d) {
    return d.width > kFills * static_cast<float>(part.width) &&
           d.height > kFills * static_cast<float>(part.height);
}

class MovingInspector final : public Inspector {
  public:
    MovingInspector(image::Size size, Subjects cover, vision::Detectors& detectors, Effort effort,
                    double share)
        : whole_{0, 0, size.width, size.height},
          cover_{cover},
          detectors_{detectors},
          effort_{effort},
          share_{share},
          plates_{detectors, {.looks = effort == Effort::still ? kMostPlateLooks : kPlateLooksInTurn}} {
        const auto parts = [&](double side, int least) {
            const double longest = std::max(size.width, size.height);
            return tiles(size, std::max(least, static_cast<int>(side * longest)));
        };
        body_parts_ = parts(kBodyPart, kLeastBodyPart);
        plate_parts_ = parts(kPlatePart, kLeastPlatePart);
        for (const double side : kFaceParts) {
            if (effort != Effort::still && side != kFaceParts[0]) break;
            for (const auto& part : parts(side, kLeastFacePart)) face_parts_.push_back(part);
        }
    }

    Result<std::vector<Inspection>> inspect(const image::RawFrame& frame, const vision::Plate*,
                                            const image::Mask&) override {
        if (frame.when().time < rest_until_) return std::vector<Inspection>{};
        const Micros began = system_clock().monotonic();
        Inspection all{whole_, true, {}};
        TRY_STATUS(look(frame.raw(), all.found));
        if (effort_ == Effort::still) TRY_STATUS(look_at_mirrored(frame.raw(), all.found));
        all.found = vision::suppress_overlaps(std::move(all.found), kSameThing);
        for (auto& d : all.found) {
            if (d.kind == Kind::face) d = head_of(d);
            // Who is seen from behind or far away has a face too.
            if (d.kind == Kind::person && !cover_.has(Subject::persons)) d = head_of_person(d);
        }
        if (cover_.has(Subject::plates)) TRY_STATUS(look_for_plates(frame, all.found));
        std::erase_if(all.found, [&](const Detection& d) { return !is_covered(d.kind); });
        if (share_ < 1) {
            const auto spent = std::chrono::duration<double, std::micro>(system_clock().monotonic() - began);
            rest_until_ = frame.when().time + std::chrono::duration_cast<Micros>(spent / share_);
        }
        return std::vector{std::move(all)};
    }

  private:
    bool is_covered(Kind kind) const {
        switch (kind) {
            case Kind::person:
                return cover_.has(Subject::persons);
            case Kind::face:
                return true;
            case Kind::plate:
                return cover_.has(Subject::plates);
            case Kind::vehicle:
                return cover_.has(Subject::vehicles);
            case Kind::screen:
                return cover_.has(Subject::screens);
            case Kind::text:
                return false;
        }
        return true;
    }

    Status look(const image::Picture& picture, std::vector<Detection>& found) {
        TRY_STATUS(add_bodies(picture, whole_, kBody, found));
        TRY_STATUS(add_faces(picture, whole_, found));
        const auto in_turn = [&](const std::vector<image::Rect>& parts, std::size_t many, std::size_t& turn,
                                 auto&& visit) -> Status {
            if (parts.size() == 1) return {};
            for (std::size_t i = 0; i < std::min(many, parts.size()); ++i)
                TRY_STATUS(visit(parts[turn++ % parts.size()]));
            return {};
        };
        const std::size_t all = SIZE_MAX;
        const std::size_t bodies = effort_ == Effort::still  ? all
                                   : effort_ == Effort::film ? kPartsInTurn
                                                             : 1;
        TRY_STATUS(in_turn(body_parts_, bodies, body_turn_,
                           [&](image::Rect part) { return add_bodies(picture, part, kBodyInPart, found); }));
        return in_turn(face_parts_, effort_ == Effort::live ? 1 : all, face_turn_,
                       [&](image::Rect part) { return add_faces(picture, part, found); });
    }

    // A face that is missed is often found in the mirror.
    Status look_at_mirrored(const image::Picture& picture, std::vector<Detection>& found) {
        image::PictureBuffer mirrored{picture.size()};
        media::orient(picture, {.mirror_x = true}, mirrored.writable());
        std::vector<Detection> there;
        TRY_STATUS(add_bodies(mirrored.view(), whole_, kBodyInPart, there));
        TRY_STATUS(add_faces(mirrored.view(), whole_, there));
        for (const auto& part : face_parts_) TRY_STATUS(add_faces(mirrored.view(), part, there));
        for (auto& d : there) {
            d.x = static_cast<float>(whole_.width) - d.x - d.width;
            found.push_back(d);
        }
        return {};
    }

    Status look_for_plates(const image::RawFrame& frame, std::vector<Detection>& found) {
        TRY_STATUS(plates_.add(frame, found));
        if (effort_ != Effort::still) {
            // Somewhere else each time.
            if (plate_parts_.size() > 1)
                return plates_.add_from(frame.raw(), plate_parts_[plate_turn_++ % plate_parts_.size()],
                                        found);
            return {};
        }
        TRY_STATUS(plates_.add_from(frame.raw(), whole_, found));
        for (const auto& part : plate_parts_) TRY_STATUS(plates_.add_from(frame.raw(), part, found));
        return {};
    }

    Status add_bodies(const image::Picture& picture, image::Rect where, float believed,
                      std::vector<Detection>& found) {
        for (const auto& d : TRY(detectors_.bodies(picture, where))) {
            const float least = d.kind == Kind::vehicle  ? kVehicle
                                : d.kind == Kind::screen ? kScreen
                                                         : believed;
            if (d.score >= least && (where == whole_ || !fills(where, d))) found.push_back(d);
        }
        return {};
    }

    Status add_faces(const image::Picture& picture, image::Rect where, std::vector<Detection>& found) {
        for (const auto& d : TRY(detectors_.faces(picture, where)))
            if (d.score >= kFace && (where == whole_ || d.width < kLargestFace * longest_of(where)))
                found.push_back(d);
        return {};
    }

    const image::Rect whole_;
    const Subjects cover_;
    vision::Detectors& detectors_;
    const Effort effort_;
    const double share_;
    PlateFinder plates_;
    std::vector<image::Rect> body_parts_, face_parts_, plate_parts_;
    std::size_t body_turn_ = 0, face_turn_ = 0, plate_turn_ = 0;
    Micros rest_until_{};  // of media time, which is a live camera's real time
};

}  // namespace

std::unique_ptr<Inspector> make_moving_inspector(image::Size size, Subjects cover,
                                                 vision::Detectors& detectors, Effort effort, double share) {
    return std::make_unique<MovingInspector>(size, cover, detectors, effort, share);
}

}  // namespace passerby::redact
