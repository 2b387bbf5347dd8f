// Opens a source with libav and finds the video stream in it, with messages for everything that can be wrong.
#pragma once

#include "media/av.h"
#include "media/source.h"
#include "media/watch.h"

namespace passerby::media {

struct Input {
    InputPtr format;
    AVStream* stream = nullptr;        // the video; owned by format
    AVStream* sound = nullptr;         // what ReadOptions::sound takes; null: nothing
    const AVCodec* decoder = nullptr;  // for it
};

// `watch` must live as long as the input.
Result<Input> open_input(const Source&, const ReadOptions&, Watch& watch);
Result<CodecPtr> open_decoder(const Input&, const Source&, const ReadOptions&);

// Opens a plain file: whitelists as in `source`, no stream chosen.
Result<InputPtr> open_file_format(const Source& source, Watch& watch);

// Why a call on the input failed, in words for the user.
tl::unexpected<Error> fail_input(int code, const Source&, const ReadOptions&, const Watch&);

tl::unexpected<Error> fail_encrypted(const Source&);

}  // namespace passerby::media
