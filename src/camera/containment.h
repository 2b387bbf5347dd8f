// A camera's process gives up what it does not need before it reads the camera's first byte: files, new
// programs, other hosts, most system calls. Whoever takes it over by a hostile stream gets no further
// than the pipe.
//
// doc/decisions/0010-containment.md says what is given up, why, and what is not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "camera/one_peer.h"

namespace passerby::camera {

// What it still needs. All else is given up.
struct Needs {
    std::vector<std::string> read;  // files and folders, read only; those that are not there are left out
    std::vector<Peer> peers;        // the camera's; none: no network at all
    bool receive_udp = false;       // RTP over UDP
    // The models run on hardware, whose driver loads code, opens devices and keeps files of its own: then
    // files, system calls and memory stay open, and only ports and privileges are given up.
    bool driver = false;
};

struct Containment {
    bool files = false, network = false;  // Landlock rules are in force
    bool system_calls = false;            // a seccomp filter is in force
    bool memory_locked = false;           // pictures are never swapped out
    std::string missing;                  // what this system cannot do, in words; empty: nothing
};

// For the whole process and for good; call it while there is one thread. What the system does not know is
// left out and named in `missing`; an error is a system that knows it and refuses.
Result<Containment> contain(const Needs&);

// What the camera's process with this address needs ("rtsp://…", "http://…", or a file), and with models that
// run on this provider of ONNX Runtime. The camera's name is looked up here, which waits for the network;
// fails where it is not known, or leads where it may not (base/camera_address.h).
Result<Needs> needs_of(const std::string& url, const CameraRule&, bool udp, const std::string& models_folder,
                       const std::vector<std::string>& model_files, const std::string& provider);

// The two halves of contain().
namespace detail {
Status forbid_files_and_ports(const Needs&, Containment&);                 // landlock.cc
Status forbid_system_calls(const Needs&, const PeerTable&, Containment&);  // seccomp.cc
}  // namespace detail

}  // namespace passerby::camera
