#include "commands.h"

#include <source_location>

namespace lar::cli {

Command command_of(std::string_view verb) {
    struct Entry {
        std::string_view verb;
        Command command;
    };
    static constexpr Entry table[] = {
        {"ask", run_ask},
        {"chat", run_chat},
        {"chats", run_chats},
        {"search", run_search},
        {"open", run_open},
        {"answers", run_answers},
        {"add", run_add},
        {"sources", run_sources},
        {"sync", run_sync},
        {"forget", run_forget},
        {"jobs", run_jobs},
        {"run", run_run},
        {"create", run_create},
        {"pull", run_pull},
        {"list", run_list},
        {"show", run_show},
        {"ps", run_ps},
        {"stop", run_stop},
        {"rm", run_rm},
        {"cp", run_cp},
        {"export", run_export},
        {"import", run_import},
        {"serve", run_serve},
        {"status", run_status},
        {"doctor", run_doctor},
        {"token", run_token},
        {"logs", run_logs},
        {"shutdown", run_shutdown},
        {"ledger", run_ledger},
        {"handoff", run_handoff},
        {"bench", run_bench},
        {"eval", run_eval},
        {"completion", run_completion},
        {"version", run_version},
        {"help", run_help},
    };
    for (const Entry& entry : table)
        if (entry.verb == verb) return entry.command;
    assertion_failed("every verb of the table has a command", std::source_location::current());
}

}  // namespace lar::cli
