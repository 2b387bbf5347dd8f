// The proven plate: what each cell of a fixed scene looks like when nobody is there.
//
// A cell starts unproven. It becomes proven when it looked the same for long enough *and* the detectors
// looked at it several times meanwhile and saw nobody on it, and nothing moved beside it. The time may come
// in pieces: a cell remembers the appearance it had longest while others pass before it. Where two
// appearances have a claim, neither is believed until one stayed alone. What deviates from the plate is
// foreground, for as long as it deviates: time alone absorbs nothing. A thing that came to rest takes the
// plate's place only after a longer inspection (PlateRules::change_*).
//
// A place that never rests (leaves, a tape in the wind) is proven by its appearances taken together, when
// each comes back often enough and many inspections saw nobody (PlateRules::restless_*). Light is not motion:
// deviation is judged after the light has been accounted for (light_field.h).
//
// Everything is on the grid of Reduced. Not thread-safe.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/time.h"
#include "image/mask.h"
#include "vision/appearance.h"
#include "vision/detectors.h"
#include "vision/frame_change.h"
#include "vision/light_field.h"

namespace passerby::vision {

struct PlateRules {
    Micros first_calm = std::chrono::milliseconds{3000};  // of an unproven cell, in all, before it is proven
    int first_clear = 6;                                  // inspections without a person meanwhile
    Micros change_calm = std::chrono::seconds{12};        // of a proven cell that looks different now, on end
    int change_clear = 12;
    Micros restless_for = std::chrono::seconds{15};  // of a place that never rests
    int restless_clear = 40;
    int known_clear = 20;  // of a further appearance that was there for long in all
    // A place may have several appearances. Otherwise it is shown with one, and foreground with all others.
    bool further = true;
    // Hindsight: the appearance that was seen longest wins, even against a proven one. For files, where the
    // whole recording is looked at before anything is shown. settle() ends it.
    bool hindsight = false;
};

class Plate {
  public:
    Plate(image::Size picture, int cell, PlateRules);

    // What a frame shows against the plate.
    struct Look {
        image::Mask foreground;  // proven cells that deviate
        image::Mask unproven;
        image::Mask flapping;  // foreground in places that do so over and over: leaves, a tape
        double changed = 0;    // share of the proven cells that deviate, before specks are removed
        double lost = 0;       // share of the textured places whose structure is gone
    };
    Look compare(const Reduced&);
    // Takes the frame just compared into account; `elapsed` since the one before.
    void learn(const Reduced&, const Look&, Micros elapsed);
    // The detectors looked at `where` (pixels) and saw `occupied` there.
    void inspected(image::Rect where, std::span<const Detection> occupied);
    // The recording has been seen to its end: where two appearances have a claim, nothing is proven. From now
    // on `rules` hold.
    void settle(PlateRules rules);
    // Nothing is proven any more: the camera was moved, or the light is another one.
    void forget();

    // Cells that only lack inspection to become proven, in `where` (pixels).
    bool wants_inspection(image::Rect where) const;
    // Share of the cells in `where` (pixels) that changed their appearance within the last `lately`, 0-1.
    double changed(image::Rect where, Micros lately) const;
    double proven_share() const;
    double proven_share(image::Rect where) const;

    // The scene as a picture: what the proven cells look like (of their appearances the first); luma is 0
    // where nothing is proven, and only there.
    void show(Reduced&) const;
    // Takes such a picture for what is proven, and nothing else, so that another scene can be compared with
    // it.
    void assume(const Reduced&);

  private:
    // Which appearance a cell has now.
    enum class Now : std::uint8_t { plate, remembered, challenger };
    static constexpr std::size_t kAlternates = 3;

    void mark_deviations(const Reduced&);
    void mark_foreground(image::Mask&) const;

    void follow_background(const Reduced&, const image::Mask& foreground, std::uint32_t step);
    void learn_background(std::size_t i, std::uint32_t step);
    void learn_cell(std::size_t i, const Reduced&, std::uint32_t step);
    void relight(std::size_t i);
    void changed_now(std::size_t i);
    void count_episode(std::size_t i);
    void rest(std::size_t i);
    bool restless(std::size_t i) const;
    bool flaps(std::size_t i) const;
    bool may_be_proven(std::size_t i, const Appearance&) const;
    bool contested(std::size_t i, const Appearance&) const;
    void doubt(std::size_t i);
    void promote();
    void accept(std::size_t i, Appearance&);
    void accept_alternate(std::size_t i, Appearance&);
    Appearance& current(std::size_t i) { return now_[i] == Now::remembered ? remembered_ : challenger_; }
    image::Rect cells_of(image::Rect pixels) const;

    image::Size picture_, grid_;
    int cell_;
    PlateRules rules_;

    // The claimant was there, calm and clear, before somebody came: what they leave behind is not believed so
    // soon.
    Appearance plate_, remembered_, challenger_, claimant_;
    // Further appearances of a restless place, proven too; `lit` like the plate. Taken in turns.
    struct Alternate {
        std::vector<std::uint8_t> y, u, v, proven;
    };
    std::array<Alternate, kAlternates> alternates_;
    std::vector<std::size_t> with_alternates_;  // cells that have any
    std::vector<std::uint8_t> proven_;          // 255 or 0
    std::vector<Now> now_;
    std::vector<std::uint16_t> same_for_;       // ms since the cell last changed its appearance, at most 65 s
    std::vector<std::uint8_t> missed_;          // frames in a row that were like nothing known
    std::vector<std::uint8_t> deviates_;        // of the last compare(): 0 no, 1 weakly, 2 strongly
    std::vector<std::uint8_t> busy_;            // which cells learn() must look at one by one
    std::vector<std::uint32_t> restless_;       // ms since the place began to be restless
    std::vector<std::uint8_t> restless_clear_;  // inspections meanwhile, without a person
    std::vector<std::uint8_t> episodes_;        // meanwhile: times it left what it usually shows
    FrameChange change_;
    LightField light_;
    Micros since_promotion_{}, since_inspection_{};
};

}  // namespace passerby::vision
