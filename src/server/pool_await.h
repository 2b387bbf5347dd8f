// Lets a coroutine wait for a job on a WorkerPool. For this module only: it brings Asio along.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/worker_pool.h"

namespace passerby::server {

// Completion token: the operation's error goes into `error` instead of being thrown.
inline auto with(boost::system::error_code& error) {
    return boost::asio::redirect_error(boost::asio::use_awaitable, error);
}

// Runs `job` on `pool` and waits for its result; nothing when the pool is full. While it waits, `meanwhile`
// is called on the coroutine's executor four times a second. What `job` refers to must live in the caller's
// frame, and so must both arguments themselves, as variables: GCC 12 destroys a lambda twice that is made
// inside of a co_await expression.
template <class T, class Job>
boost::asio::awaitable<std::optional<T>> on_pool(WorkerPool& pool, Job& job,
                                                 const std::function<void()>& meanwhile) {
    namespace asio = boost::asio;
    struct State {
        explicit State(const asio::any_io_executor& executor) : done{executor} {}
        asio::steady_timer done;  // cancelled when it is
        std::optional<T> result;  // both are used on the executor only
    };
    auto executor = co_await asio::this_coro::executor;
    auto state = std::make_shared<State>(executor);
    const bool taken = pool.submit([state, executor, job] {
        auto result = std::make_shared<T>(job());
        asio::post(executor, [state, result] {
            state->result = std::move(*result);
            state->done.cancel();
        });
    });
    if (!taken) co_return std::nullopt;
    while (!state->result) {
        boost::system::error_code ignored;
        state->done.expires_after(std::chrono::milliseconds{250});
        co_await state->done.async_wait(with(ignored));
        if (!state->result && meanwhile) meanwhile();
    }
    co_return std::move(state->result);
}

}  // namespace passerby::server
