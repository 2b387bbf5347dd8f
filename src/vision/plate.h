// The proven plate: what each cell of a fixed scene looks like when nobody is there.
//
// A cell starts unproven. It becomes proven when it looked the same for long enough *and* the detectors
// looked at it several times meanwhile and saw nobody on it, and nothing moved beside it. The time may come
// in pieces: a cell remembers the appearance it had longest while others pass before it. What deviates from
// the plate is foreground, for as long as it deviates: time alone absorbs nothing. A thing that came to rest
// takes the plate's place only after a longer inspection (PlateRules::change_*).
//
// Everything is on the grid of Reduced. Not thread-safe.
#pragma once

#include <span>
#include <vector>

#include "base/time.h"
#include "image/mask.h"
#include "vision/detectors.h"
#include "vision/light.h"
#include "vision/reduced.h"

namespace passerby::vision {

struct PlateRules {
    Micros first_calm = std::chrono::milliseconds{2000};  // of an unproven cell, in all, before it is proven
    int first_clear = 4;                                  // inspections without a person meanwhile
    Micros change_calm = std::chrono::seconds{12};        // of a proven cell that looks different now
    int change_clear = 12;
    // Hindsight: the appearance that was seen longest wins, even against a proven one. For files, where the
    // whole recording is looked at before anything is shown.
    bool hindsight = false;
};

class Plate {
  public:
    Plate(image::Size picture, int cell, PlateRules);

    // What a frame shows against the plate.
    struct Look {
        image::Mask foreground;  // proven cells that deviate
        image::Mask unproven;
        double changed = 0;  // share of the proven cells that deviate, before specks are removed
    };
    Look compare(const Reduced&);
    // Takes the frame just compared into account; `elapsed` since the one before.
    void learn(const Reduced&, const Look&, Micros elapsed);
    // The detectors looked at `where` (pixels) and saw `occupied` there.
    void inspected(image::Rect where, std::span<const Detection> occupied);
    void use(PlateRules rules) { rules_ = rules; }
    // Nothing is proven any more: the camera was moved, or the light is another one.
    void forget();

    // Cells that only lack inspection to become proven, in `where` (pixels).
    bool wants_inspection(image::Rect where) const;
    double proven_share() const;

  private:
    // What a cell looks like, for how long it did, and how often nobody was seen on it meanwhile.
    struct Appearance {
        std::vector<std::uint16_t> y, u,
            v;  // 8.8 fixed point: slow changes of light are followed below one step
        std::vector<std::uint32_t> calm;  // ms
        std::vector<std::uint8_t> clear;  // inspections
        explicit Appearance(std::size_t cells) : y(cells), u(cells), v(cells), calm(cells), clear(cells) {}
        bool same(std::size_t i, const Reduced&) const;
        void take(std::size_t i, const Reduced&);
        void follow(std::size_t i, const Reduced&, int shift);
        void copy(std::size_t i, const Appearance& from);
    };
    // Which appearance a cell has now.
    enum class Now : std::uint8_t { plate, remembered, challenger };

    void learn_cell(std::size_t i, const Reduced&, std::uint32_t step);
    image::Rect cells_of(image::Rect pixels) const;
    void promote();

    image::Size picture_, grid_;
    int cell_;
    PlateRules rules_;

    Appearance plate_, remembered_, challenger_;
    std::vector<std::uint8_t> proven_;  // 255 or 0
    std::vector<Now> now_;
    std::vector<std::uint32_t> same_for_;  // ms since the cell last changed its appearance
    std::vector<std::uint8_t> missed_;     // frames in a row that were like nothing known
    std::vector<std::uint8_t> deviates_;   // of the last compare(): 0 no, 1 weakly, 2 strongly
    LightCurve light_;
    Micros since_promotion_{}, since_inspection_{};
};

}  // namespace passerby::vision
