#include "server/api.h"

#include <nlohmann/json.hpp>

#include "base/log.h"
#include "server/openapi.h"

namespace passerby::server {

Api::Api(World world)
    : world_{std::move(world)},
      description_{std::string{kOpenApi}, "application/json", StaticFile::Caching::revalidate},
      approvals_{world_.store},
      protections_{world_.store},
      sealed_{world_.store},
      openings_{world_.store},
      users_{world_.store, world_.accounts},
      second_factor_{world_.store},
      masks_{world_.store},
      activity_{world_.store},
      uses_{world_.ledger, world_.ledger_error, world_.clock},
      started_{world_.clock.wall()},
      started_monotonic_{world_.clock.monotonic()} {}

namespace {

// A script's, or the one of the login.
std::optional<std::string> token_of(const Request& request) {
    if (request.bearer)
        return request.bearer->starts_with(store::Accounts::kTokenPrefix) ? request.bearer : std::nullopt;
    return request.cookie ? cookie(*request.cookie, Api::cookie_for(request)) : std::nullopt;
}

// Why not, in words; nothing: they may.
std::optional<std::string> refusal(const Access& access, const store::Session& session,
                                   bool must_set_second_factor) {
    if (access.who() != Access::member && session.by_token)
        return "that is for somebody who has logged in, and not for a script's token";
    if (access.who() != Access::newcomer && session.must_change_password)
        return "choose a password of your own first";
    if (access.who() != Access::newcomer && must_set_second_factor)
        return "set up a second factor first: it is required of you";
    if (access.right() && !gives(session.grant.roles, *access.right()))
        return fmt::format("that is for {}; you are {}", whose(*access.right()),
                           session.grant.roles.empty() ? "nothing yet" : session.grant.roles.text());
    return std::nullopt;
}

Error no_camera(const std::string& id) {
    return {ErrorKind::not_found, fmt::format("there is no camera \"{}\"", id)};
}

}  // namespace

std::string_view whose(Right right) {
    switch (right) {
        case Right::know:
            return "everyone with an account";
        case Right::look:
            return "viewers and operators";
        case Right::survey:
            return "viewers, operators and auditors";
        case Right::take:
        case Right::keep:
        case Right::open:
            return "operators";
        case Right::follow:
            return "operators, keyholders and auditors";
        case Right::report:
            return "auditors and administrators";
        case Right::maintain:
            return "operators and administrators";
        case Right::govern:
            return "administrators";
    }
    return "nobody";
}

Api::Plan Api::plan(const Request& request) const {
    const auto refuse = [](int status, std::string_view sentence) {
        return Plan{std::make_unique<Reply>(error_reply(status, sentence)), nullptr, {}};
    };
    if (!host_is_ours(world_.hosts, request.host))
        return refuse(
            421,
            "this server is not known by that name; use localhost, or list the name in the configuration");
    const auto below = [&](std::string_view folder) { return request.path.starts_with(folder); };
    if (!below("/api/") && !below("/ledger/") && !below(kAboutPath)) {
        auto file = world_.web.answer(request);
        return file ? Plan{std::move(file), nullptr, {}} : refuse(404, "there is nothing here");
    }

    auto found = find_route(request.method, request.path);
    if (std::holds_alternative<NoSuchPath>(found)) return refuse(404, "there is no such path");
    if (const auto* wrong = std::get_if<WrongMethod>(&found)) {
        auto plan = refuse(405, "this path does not take that method; see the Allow header");
        plan.reply->headers.emplace_back("Allow", wrong->allow);
        return plan;
    }
    auto& match = std::get<Match>(found);
    const bool strict = match.route->method() != Method::get || match.route->work() == Work::live;
    // What is for anyone to read, such as the public ledger, other pages may read too.
    const bool for_anyone = match.route->access().who() == Access::anyone && !strict;
    if (!for_anyone && !origin_is_ours(request, strict))
        return refuse(403, "requests from pages of other origins are refused");
    if (!request.body.empty() &&
        !(request.content_type && request.content_type->starts_with("application/json")))
        return refuse(415, "send the body as Content-Type: application/json");
    return {nullptr, match.route, std::move(match.id)};
}

Reply Api::run(const Plan& plan, const Request& request, const std::atomic<bool>& gone) {
    try {
        return answer(plan, request, gone);
    } catch (const std::exception& e) {
        log_error("{} {}: {}", request.method_name, printable(request.path), e.what());
        return error_reply(500, "something went wrong in the server; its log says what");
    }
}

Reply Api::answer(const Plan& plan, const Request& request, const std::atomic<bool>& gone) {
    static const std::string kNone;
    const auto access = plan.route->access();
    if (access.who() == Access::anyone)
        return (this->*plan.route->handler())({request, plan.id, nullptr, kNone, gone});

    const auto token = token_of(request);
    if (!token) return error_reply(401, "log in first");
    const auto session = world_.accounts->session(*token);
    if (!session) return error_reply(session.error());
    if (!*session) return error_reply(401, "the session is over; log in again");
    if (const auto refused = refusal(access, **session, must_set_second_factor(**session)))
        return error_reply(403, *refused);
    // A camera that is not theirs is none.
    if (plan.route->pattern().find("{camera}") != std::string_view::npos &&
        !(*session)->grant.covers(plan.id))
        return error_reply(no_camera(plan.id));
    auto reply = (this->*plan.route->handler())({request, plan.id, &**session, *token, gone});
    reply.known = true;
    return reply;
}

Reply Api::openapi(const Call& call) {
    return description_.answer(call.request);
}

Result<TimeSpan> time_span(const Request& request, std::chrono::hours longest) {
    const auto query = TRY(parse_query(request.query));
    const auto time = [&](const char* name) -> Result<WallTime> {
        const auto found = query.find(name);
        if (found == query.end())
            return fail(ErrorKind::invalid, "\"{}\" is missing: a time like 2026-03-01T12:00:00Z", name);
        auto parsed = wall_time_from_iso8601(found->second);
        if (!parsed) return fail(ErrorKind::invalid, "\"{}\" is not a time like 2026-03-01T12:00:00Z", name);
        return parsed;
    };
    const TimeSpan span{TRY(time("from")), TRY(time("to"))};
    if (span.to <= span.from) return fail(ErrorKind::invalid, "\"to\" must be later than \"from\"");
    if (span.to - span.from > longest)
        return fail(ErrorKind::invalid, "the span is longer than {} hours; ask for less at once",
                    longest.count());
    return span;
}

Result<CameraList::Entry> Api::find_camera(const std::string& id) const {
    if (auto camera = world_.cameras->find(id)) return camera;
    return tl::unexpected{no_camera(id)};
}

bool Api::may_look(const std::string& token, const std::string& camera) const {
    const auto session = world_.accounts->session(token);
    if (!session) log_error("live view: {}", session.error().message);
    return session && *session && !(*session)->must_change_password && !must_set_second_factor(**session) &&
           (*session)->grant.covers(camera) && gives((*session)->grant.roles, Right::look);
}

}  // namespace passerby::server
