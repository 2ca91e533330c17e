#include "manual.h"

#include <string_view>

#include "base/build.h"
#include "base/format.h"
#include "base/text.h"
#include "help.h"
#include "verbs.h"

namespace lar::cli {
namespace {

// Text as roff takes it: a hyphen is a minus, a line never begins with a control character.
std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else if ((c == '.' || c == '\'') && (out.empty() || out.ends_with('\n')))
            out += std::string("\\&") + c;
        else
            out += c;
    }
    return out;
}

std::string option_entry(const Option& option) {
    std::string names = option.letter.empty() ? std::string() : lar::format("\\fB{}\\fR, ", roff(option.letter));
    names += lar::format("\\fB{}\\fR", roff(option.name));
    if (!option.value.empty()) names += lar::format(" \\fI{}\\fR", option.value);
    if (!option.maybe.empty()) names += lar::format("[=\\fI{}\\fR]", option.maybe);
    return lar::format(".TP\n{}\n{}\n", names, roff(option.help));
}

std::string verb_entry(const Verb& verb) {
    std::string text = lar::format(".SS {}\n{}.\n", roff(usage_line(verb)), roff(verb.summary));
    if (!verb.description.empty()) text += lar::format(".PP\n{}\n", roff(verb.description));
    for (const Option& option : verb.options) text += option_entry(option);
    text += ".PP\nExample:\n.PP\n.nf\n.RS\n";
    for (const std::string_view line : split_lines(verb.example)) text += roff(line) + "\n";
    return text + ".RE\n.fi\n";
}

constexpr std::string_view before_commands = R"(.SH NAME
lar \- answer questions from your own files, on your own machine
.SH SYNOPSIS
.B lar
.I command
.RI [ options ]
.RI [ words ]
.SH DESCRIPTION
Lar indexes folders, files and git repositories that you add, and answers questions about them with citations that name the
place: file and line, or commit and file.
Nothing leaves the machine.
.PP
.B lar
speaks to
.BR lard ,
the daemon, over a unix socket of yours, and starts it when it does not run.
Each command takes
.B \-\-help
and, where it prints facts,
.BR \-\-json :
one JSON value on standard output, in the shape of the HTTP API; an error is one JSON value on standard error.
Colours and progress bars appear on a terminal only.
.SH COMMANDS
)";

constexpr std::string_view after_commands = R"(.SH EXIT STATUS
.TP
.B 0
done
.TP
.B 1
an error; one sentence on standard error says which, the next line what to do
.TP
.B 2
wrong usage: an unknown command or option, or words that make no sense
.TP
.B 3
not found in your sources
.SH ENVIRONMENT
.TP
.B LAR_HOME
one folder for everything that Lar keeps, instead of the XDG folders
.TP
.B LAR_HOST
.I host:port
of the TCP door of a daemon that is started
.TP
.BR VISUAL ", " EDITOR
what
.B lar open
opens a place with
.TP
.B NO_COLOR
when set to anything, no colours
.SH FILES
.TP
.I $XDG_CONFIG_HOME/lar/config.toml
settings of the daemon
.TP
.I $XDG_DATA_HOME/lar/
the store (lar.db) and the token of programs that use TCP
.TP
.I $XDG_STATE_HOME/lar/lard.log
the log of a daemon in the background
.TP
.I $XDG_RUNTIME_DIR/lar/lar.sock
the socket
.SH SEE ALSO
.BR git (1),
.BR systemctl (1):
.I lard.service
is a unit of the user's systemd.
)";

}  // namespace

std::string manual_page() {
    std::string text = lar::format(
        ".\\\" Written by `lar help --man`; change programs/cli, not this file.\n.TH LAR 1 \"\" \"Lar {}\" \"User "
        "Commands\"\n",
        version());
    text += before_commands;
    for (const Verb& verb : verbs()) text += verb_entry(verb);
    return text + std::string(after_commands);
}

}  // namespace lar::cli
