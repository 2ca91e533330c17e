// The function behind each verb. Each gets a Session: what was asked for, where to print, and lard.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "arguments.h"
#include "base/paths.h"
#include "base/time.h"
#include "connection.h"
#include "failure.h"
#include "output.h"

namespace lar::cli {

struct Session {
    const Arguments& arguments;
    Output& out;  // what was asked for
    Output& err;  // progress and remarks
    const Paths& paths;
    const Clock& clock;
    const Zone& zone;
    const std::atomic<bool>& cancelled;
    // lard, started if need be; the connection lasts as long as the session.
    std::function<Outcome<Connection*>()> lard;
    // lard, if it runs.
    std::function<Outcome<Connection*>()> running_lard;
    int input = 0;  // what is typed or piped in

    bool json() const { return arguments.json; }
};

using Command = Outcome<Exit> (*)(Session&);
Command command_of(std::string_view verb);

Outcome<Exit> run_ask(Session&);
Outcome<Exit> run_chat(Session&);
Outcome<Exit> run_chats(Session&);
Outcome<Exit> run_search(Session&);
Outcome<Exit> run_open(Session&);
Outcome<Exit> run_answers(Session&);
Outcome<Exit> run_add(Session&);
Outcome<Exit> run_sources(Session&);
Outcome<Exit> run_sync(Session&);
Outcome<Exit> run_forget(Session&);
Outcome<Exit> run_jobs(Session&);
Outcome<Exit> run_ledger(Session&);
Outcome<Exit> run_handoff(Session&);
Outcome<Exit> run_run(Session&);
Outcome<Exit> run_create(Session&);
Outcome<Exit> run_pull(Session&);
Outcome<Exit> run_list(Session&);
Outcome<Exit> run_show(Session&);
Outcome<Exit> run_ps(Session&);
Outcome<Exit> run_stop(Session&);
Outcome<Exit> run_rm(Session&);
Outcome<Exit> run_cp(Session&);
Outcome<Exit> run_export(Session&);
Outcome<Exit> run_import(Session&);
Outcome<Exit> run_serve(Session&);
Outcome<Exit> run_status(Session&);
Outcome<Exit> run_doctor(Session&);
Outcome<Exit> run_token(Session&);
Outcome<Exit> run_logs(Session&);
Outcome<Exit> run_shutdown(Session&);
Outcome<Exit> run_eval(Session&);
Outcome<Exit> run_bench(Session&);
Outcome<Exit> run_completion(Session&);
Outcome<Exit> run_version(Session&);
Outcome<Exit> run_help(Session&);

}  // namespace lar::cli
