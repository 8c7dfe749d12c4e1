#include <nlohmann/json.hpp>

#include "node/admin/admin_requests.hpp"
#include "node/admin/request_argument.hpp"

// The administration request `events`.
namespace thicket::node {
namespace {

using nlohmann::json;

json events_status(const EventLog::Page& page, std::uint64_t newest) {
  json events = json::array();
  for (const Event& event : page.events) {
    events.push_back({{"number", event.number},
                      {"time", event.time},
                      {"level", event.level},
                      {"text", event.text}});
  }
  return {{"events", std::move(events)}, {"newest", newest}, {"missed", page.missed}};
}

}  // namespace

void AdminRequests::events(const json& arguments, const OutcomeHandler& done) {
  if (event_waits_ == nullptr) return done(failure(std::string("this node keeps no events")));
  // Numbers in JSON are exact up to 2^53.
  const auto after = number_argument(arguments, "after", 0, 0, 9007199254740992.0);
  if (!after) return done(failure(after.error()));
  const double most = std::chrono::duration<double>(EventWaits::kMaxTimeout).count();
  const auto seconds = number_argument(arguments, "wait", 0, 0, most);
  if (!seconds) return done(failure(seconds.error()));
  const auto timeout =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds));
  const bool begun =
      event_waits_->wait(static_cast<std::uint64_t>(*after), timeout,
                         [done, &log = event_waits_->log()](const EventLog::Page& page) {
                           done(events_status(page, log.newest()));
                         });
  if (!begun) done(failure(std::string("too many wait for events already")));
}

}  // namespace thicket::node
