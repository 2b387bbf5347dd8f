// The process of one camera: the only place where its raw pictures are, and it ends with them.
#pragma once

namespace passerby::camera {

// What the process's end means to who started it.
enum WorkerStatus : int {
    kWorkerStopped = 0,     // asked to: Stop, end of `in_fd`, SIGTERM
    kWorkerFailed = 1,      // ours: memory, a bug, a setting; a Failure says what
    kWorkerCameraLost = 3,  // the stream ended or broke; a Failure says how
    kWorkerBadOrders = 4,   // what came on `in_fd` breaks the protocol
    kWorkerUnfinished = 5,  // asked to stop and did not manage it in time: the last fragments are lost
};

// The main function of the hidden command `passerby camera-process`: takes a Start from `in_fd`, sends the
// covered stream to `out_fd` (doc/format/camera-messages.md) until it is asked to stop or the camera is lost.
// Both descriptors stay the caller's. Changes the process for good (signals, core dumps, ptrace, its end when
// the parent dies), so nothing else may run in it. Give the result to exit(); where a thread cannot be waited
// for, it exits by itself.
int run_worker(int in_fd, int out_fd);

}  // namespace passerby::camera
