// What the owner decided about covering. Everything else is the engine's business.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "image/mask.h"

namespace passerby::redact {

// The doubt of a fixed scene when most of it changes at once.
inline constexpr std::string_view kMostChanged =
    "most of the picture changed at once: the camera was moved or the light switched";

// fixed: the camera stands still; whatever is not proven to be background is covered.
// moving: there is no background to prove; detectors and tracks decide. It leaks more: see doc/figures.md.
enum class Scene { fixed, moving };

// silhouette: flat shapes, one still sees what people do. vanish: the proven background is painted in where
// there is one. block: flat boxes.
enum class CoverStyle { silhouette, vanish, block };

// What is covered. In a fixed scene whatever moves is covered whatever is chosen: there the choice is about
// what stands still.
enum class Subject { persons, faces, plates, vehicles, screens };

// required (strict mode): a fixed scene is shown only where a person looked at its proven picture and
// approved it.
enum class Approval { none, required };

class Subjects {
  public:
    static constexpr Subject kAll[] = {Subject::persons, Subject::faces, Subject::plates, Subject::vehicles,
                                       Subject::screens};
    constexpr Subjects() = default;
    constexpr Subjects(std::initializer_list<Subject> chosen) {
        for (const auto s : chosen) add(s);
    }
    constexpr bool has(Subject s) const { return bits_ >> static_cast<unsigned>(s) & 1U; }
    constexpr void add(Subject s) { bits_ |= 1U << static_cast<unsigned>(s); }
    constexpr bool operator==(const Subjects&) const = default;

  private:
    unsigned bits_ = 0;
};

using Polygon = std::vector<image::Point>;

// How many cross lines and zones is told, with noise that hides what one person adds in a day
// (doc/activity.md).
struct Counting {
    int epsilon_thousandths = 1000;  // the privacy budget of a day
    int visits = 2;                  // that one person makes in a day, for whom the budget is to hold
    Micros interval = std::chrono::hours{1};  // for which there is a number; an hour is a multiple of it
};

struct Policy {
    Scene scene = Scene::fixed;
    CoverStyle style = CoverStyle::silhouette;
    Subjects cover{Subject::persons, Subject::faces, Subject::plates};
    std::vector<Polygon> masks;  // always covered
    Approval approval = Approval::none;
    std::optional<Counting> count = {};  // what crosses lines and zones; of a fixed scene only
};

Result<Scene> scene_named(std::string_view);
Result<CoverStyle> cover_style_named(std::string_view);
Result<Subject> subject_named(std::string_view);
Result<Approval> approval_named(std::string_view);
// "persons,faces": refuses what check() refuses.
Result<Subjects> subjects_named(std::string_view);
// Faces cannot be left out: who somebody is shall not be seen (P4).
Status check(Subjects);
std::string_view name(Scene);
std::string_view name(CoverStyle);
std::string_view name(Subject);
std::string_view name(Approval);
std::vector<std::string> names(Subjects);

// "0.1,0.1 0.4,0.1 0.4,0.5": at least three points, 0-1 of width and height.
Result<Polygon> polygon_from(std::string_view);
// As polygon_from() takes it.
std::string text_of(const Polygon&);
// The same, or the four numbers "x,y,width,height" of a rectangle.
Result<Polygon> part_from(std::string_view);

}  // namespace passerby::redact
