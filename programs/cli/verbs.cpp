#include "verbs.h"

#include <algorithm>
#include <numeric>

namespace lar::cli {
namespace {

constexpr Option in_option{"--in", "", "SOURCE", "look only in this source; may be given again", true, Offer::source};
constexpr Option since_option{"--since", "", "TIME",
                              "nothing older: 2h, 3d, 1w, yesterday, 2026-11-21, 2026-11-21T14:00"};
constexpr Option until_option{"--until", "", "TIME", "nothing newer; the same forms"};
constexpr Option explain_option{"--explain", "", "",
                                "also how it came about: terms, candidates with each part of their scores, refusal"};
constexpr std::string_view kinds = "file commit working_tree stash branch pushed";

std::vector<Verb> asking() {
    return {
        {"ask",
         "answer a question from your sources, with citations",
         "Without a model, prints the sentences of your sources that answer the question; with one, what it makes of "
         "them, each sentence checked and those marked that no source holds. Each has the number of the source it "
         "stands "
         "in; then come the sources and a receipt: where it was computed, what was searched and what was left out. "
         "Hints in "
         "the question such as \"yesterday\", \"since Monday\" or \"in project\" are understood and shown in the "
         "receipt; the options win over them. Says so, and ends with 3, when your sources hold no answer.",
         {{"QUESTION", true, true}},
         {in_option,
          since_option,
          until_option,
          {"--limit", "", "N", "quote at most N sources (5)"},
          {"--model", "", "MODEL", "the model that writes the answer (the one that does by default)"},
          {"--no-model", "", "", "sentences of the sources, quoted"},
          explain_option,
          {"--explain-route", "", "",
           "also whether your rules ([routing] in config.toml) would propose another model, and everything that was "
           "looked at; a short answer is written twice for it"}},
         "lar ask \"where did I leave off with the ingest job?\"\n"
         "lar ask --since 2d --in project \"what changed in the retry logic, and why?\"\n"
         "lar ask --explain \"how long is a retry delayed?\""},
        {"chat",
         "talk with a model about your sources",
         "Each line is a message; what the model says is checked against your sources like an answer of `lar ask`, and "
         "what they do not hold is marked. Ctrl-C stops an answer, Ctrl-D or /bye ends, /? lists what else there is. "
         "The conversation is kept unless --no-memory is given. Lines that are piped in are answered one after the "
         "other.",
         {{"MODEL", false}},
         {in_option,
          {"--no-sources", "", "", "the model alone: nothing is searched and nothing checked"},
          {"--no-memory", "", "", "keep nothing of it"},
          {"--resume", "", "ID", "go on with a chat that `lar chats` lists, or with the last one: last"}},
         "lar chat\nlar chat tiny --in project\nlar chat --resume last"},
        {"chats",
         "conversations that are kept: list, search, show, delete",
         "Without words the latest, newest first; `search WORDS` finds messages, `show ID` prints one chat (`show "
         "last` "
         "the one that went on last), `delete ID...` removes them. Deleting takes their text out of the database and "
         "overwrites what is left of it.",
         {{"ACTION", false, false, Offer::choice, "search show delete"}, {"WORDS", false, true}},
         {{"--limit", "", "N", "list at most N (20)"}},
         "lar chats\nlar chats search \"retry logic\"\nlar chats delete 019aa7c4-52c0-7d10-8b0e-6d1f4bb7a3f2"},
        {"search",
         "passages that hold the words, best first",
         "Prints passages with their place and score. Ends with 3 when nothing matches.",
         {{"WORDS", true, true}},
         {in_option,
          since_option,
          until_option,
          {"--kind", "", "KIND", "only file, commit, working_tree, stash, branch or pushed; may be given again", true,
           Offer::choice, kinds},
          {"--limit", "", "N", "at most N passages (10)"},
          explain_option},
         "lar search \"connection pool exhausted\"\nlar search --kind commit --since 1w retry"},
        {"open",
         "open a citation of an answer in your editor, at the line that is quoted",
         "N is the number of the citation; ANSWER is an answer's id as `lar answers` lists it, by default the latest "
         "one. A "
         "commit opens in git show. The editor is $VISUAL, $EDITOR or the first common one there is. Where the output "
         "is not a terminal the place is printed instead.",
         {{"N"}, {"ANSWER", false}},
         {{"--print", "", "", "print the place, open nothing"}},
         "lar open 2",
         true,
         true},
        {"answers",
         "answers given before, or one of them in full",
         "Without ID the latest answers, newest first; for ID, last is the newest.",
         {{"ID", false}},
         {{"--limit", "", "N", "list at most N answers (20)"}},
         "lar answers\nlar answers last\nlar answers --limit 3 --json"},
    };
}

std::vector<Verb> sourcing() {
    return {
        {"add",
         "add a folder, a file or a git repository as a source",
         "A git repository brings its history, branches, stashes and uncommitted diff. What .gitignore and .larignore "
         "name, secrets and binary files are left out; `lar sources --why PATH` says why. pushed:NAME makes a source "
         "that programs fill over the API. Waits for the first sync, which goes on when you interrupt the wait.",
         {{"PATH", true, true, Offer::path}},
         {{"--name", "", "NAME", "what --in will call it (the last part of the path)"},
          {"--wait", "", "", "wait for the first sync (the default)"},
          {"--no-wait", "", "", "return at once"}},
         "lar add ~/notes ~/code/project\nlar add ~/Documents/diary --name diary --no-wait"},
        {"sources",
         "what Lar knows, and why a file is or is not in it",
         "Without options one line for each source.",
         {},
         {{"--why", "", "PATH", "why this path is there or is not; ends with 3 when it is not", false, Offer::path},
          {"--left-out", "", "NAME", "what was left out of this source, and why", false, Offer::source}},
         "lar sources\nlar sources --why ~/notes/plan.pdf\nlar sources --left-out project"},
        {"sync",
         "look for changes now",
         "Sources are watched while the daemon runs, so this is rarely needed. Without NAME all of them.",
         {{"NAME", false, false, Offer::source}},
         {{"--no-wait", "", "", "return at once"}},
         "lar sync project"},
        {"forget",
         "remove a source and everything kept of it",
         "Removes its text, its index entries and what deleting leaves behind in the database. Your own files are not "
         "touched. Asks first on a terminal; elsewhere it needs --yes.",
         {{"NAME", true, false, Offer::source}},
         {{"--prove", "", "", "look for what it held in the bytes on disk, and say what was looked at"},
          {"--yes", "-y", "", "do not ask"}},
         "lar forget project --prove"},
        {"jobs",
         "work in progress and done lately",
         "`lar jobs cancel ID` stops one; its next sync takes up the rest.",
         {{"cancel", false, false, Offer::choice, "cancel"}, {"ID", false}},
         {},
         "lar jobs"},
        {"export",
         "write sources, pushed documents, answers and chats as plain files",
         "Makes DIR, which must be empty or not exist, with manifest.json, sources.jsonl, answers.jsonl, chats.jsonl "
         "and for each pushed source documents/NAME.jsonl. Files and repositories are named, not copied.",
         {{"DIR", true, false, Offer::folder}},
         {},
         "lar export ~/backup/lar"},
        {"import",
         "take over what an export wrote",
         "Sources whose name is already there keep what they have; pushed documents of the same id are replaced, "
         "answers and chats of the same id are kept.",
         {{"DIR", true, false, Offer::folder}},
         {},
         "lar import ~/backup/lar"},
    };
}

std::vector<Verb> consent() {
    return {
        {"ledger",
         "what left this machine, what it cost, and what was computed here",
         "Totals, a plot of what was computed here and what was handed off, and the latest entries. No entry holds "
         "text "
         "of yours: names of models and hosts, counts, hashes. `verify` checks every entry against the hash of the one "
         "before and ends with 1 when one was changed, taken out or taken off the end, which it names. Whoever keeps "
         "the last hash elsewhere can hold a later ledger to it.",
         {{"verify", false, false, Offer::choice, "verify"}},
         {{"--month", "", "MONTH", "only this one: 2026-11"}, {"--limit", "", "N", "the latest N entries (10)"}},
         "lar ledger\nlar ledger --month 2026-11 --json\nlar ledger verify"},
        {.name = "handoff",
         .summary = "hand a question to a larger model elsewhere, after you have seen every byte of it",
         .description =
             "Nothing leaves by itself. propose makes a ticket for a provider of config.toml: a QUESTION with the "
             "passages that answer it here, an earlier answer (--answer ID or last) with what it cites, or a text from "
             "standard input (--text). Secrets, addresses, paths, hosts and the names of your list are taken out and "
             "stand there as [SECRET_1]; what they stand for stays here and is filled back into the reply. show prints "
             "exactly what would leave, keep ID [X] leaves one in, redact ID [X] takes it out again, edit ID opens the "
             "text in your editor (or reads it from standard input). approve ID shows it once more, asks, sends it and "
             "prints the reply; a script approves with --hash, the SHA-256 of the bytes that it looked at. deny ID "
             "ends "
             "it, and after a quarter of an hour it ends by itself. forget ID removes it with its text. For ID, last "
             "is "
             "the newest. key set NAME reads the key of a provider from a prompt that does not show it, or from "
             "standard input; key list and key remove NAME. Without ACTION it lists the hand-offs.",
         .positionals = {{"ACTION", false, false, Offer::choice,
                          "propose list show edit keep redact approve deny forget providers key"},
                         {"WORDS", false, true}},
         .options = {{"--to", "", "PROVIDER", "whom to (the only one of config.toml)"},
                     {"--answer", "", "ID", "an earlier answer, or last"},
                     {"--text", "", "", "what stands on standard input, and no sources"},
                     {"--in", "", "SOURCE", "only passages of this source", true, Offer::source},
                     {"--since", "", "TIME", "only passages from then on: 2h, 3d, yesterday, 2026-11-01"},
                     {"--until", "", "TIME", "only passages from before"},
                     {"--why", "", "TEXT", "why it does not do here; kept with the ticket, and stays here"},
                     {"--tokens", "", "N", "of the reply, at most (1024)"},
                     {"--hash", "", "SHA256", "approve these bytes without being asked"},
                     {"--yes", "-y", "", "only together with --hash"},
                     {"--raw", "", "", "the bytes and nothing else"},
                     {"--limit", "", "N", "list the latest N (20)"}},
         .example = "lar handoff key set openai\nlar handoff propose --to openai \"why does the pool run dry?\"\n"
                    "lar handoff show last\nlar handoff keep last \"[HOST_1]\"\nlar handoff approve last\n"
                    "lar handoff show last --raw | sha256sum",
         .runs_programs_for = "edit"},
    };
}

std::vector<Verb> models() {
    return {
        {"run",
         "talk with a model",
         "With a prompt, or with text on standard input, prints one answer; text on standard input comes before the "
         "prompt. Without either it begins a conversation: \"\"\" holds several lines together, /? lists the commands, "
         "Ctrl-C stops an answer, Ctrl-D ends. What is typed is kept for the arrow keys of later conversations. A "
         "model is loaded when it is needed, and stays in memory for five minutes.",
         {{"MODEL", true, false, Offer::model}, {"PROMPT", false, true}},
         {{"--verbose", "", "", "show the timings of each answer"},
          {"--keepalive", "", "TIME", "how long the model stays in memory: 10m, 2h, 0, -1 for ever"},
          {.name = "--think",
           .letter = "",
           .value = "",
           .help = "let the model think first, where it can; --think=false: not",
           .maybe = "LEVEL"},
          {"--hidethinking", "", "", "do not show what it thinks"},
          {"--nowordwrap", "", "", "leave lines as the model writes them"},
          {"--no-history", "", "", "keep nothing of what is typed"},
          {"--format", "", "FORMAT", "not there yet, and refused"}},
         "lar run tiny\nlar run tiny \"why is the sky blue?\"\nlar run tiny --verbose \"in one sentence, please\" < "
         "notes.md"},
        {"create",
         "make a model of a GGUF file, another model or a Modelfile",
         "A GGUF file is used where it lies unless --copy is given: it must stay there, unchanged. A Modelfile says "
         "what else the model is made of (FROM, PARAMETER, TEMPLATE, SYSTEM, ADAPTER, MESSAGE, LICENSE); without "
         "--from and --file the Modelfile of this folder is read.",
         {{"NAME"}},
         {{"--from", "", "FILE", "a GGUF file, or the name of a model", false, Offer::path},
          {"--file", "-f", "FILE", "a Modelfile", false, Offer::path},
          {"--copy", "", "", "copy the file into Lar's folder"}},
         "lar create tiny --from ~/models/tiny-q4_k_m.gguf\nlar create poet -f ./Modelfile"},
        {"pull",
         "fetch models",
         "From a registry as Ollama's users name them, or from a hub's repository (hf:OWNER/REPOSITORY:QUANTIZATION). "
         "What was interrupted goes on where it stopped; every part is checked by its hash. Only lar-courier connects, "
         "to the servers that this takes and to no other; `lar logs` names each.",
         {{"MODEL", true, true}},
         {{"--insecure", "", "", "plain http, from a server on this machine"}},
         "lar pull llama3.2\nlar pull hf:someone/some-model-GGUF:Q4_K_M"},
        {"list",
         "the models there are",
         "Lar's own and those of an Ollama on this machine, the latest first.",
         {},
         {},
         "lar list"},
        {"show",
         "what a model is made of and can do",
         "",
         {{"MODEL", true, false, Offer::model}},
         {{"--modelfile", "", "", "its Modelfile"},
          {"--parameters", "", "", "its parameters"},
          {"--template", "", "", "its template"},
          {"--system", "", "", "its system text"},
          {"--license", "", "", "its licence"},
          {"--verbose", "", "", "also its file's metadata and tensors"}},
         "lar show tiny\nlar show tiny --modelfile"},
        {"ps", "the models in memory", "With the time until which each is kept there.", {}, {}, "lar ps"},
        {"stop",
         "let a model go from memory",
         "What it is answering is finished first.",
         {{"MODEL", true, false, Offer::model}},
         {},
         "lar stop tiny"},
        {"rm",
         "remove models",
         "Removes them from Lar's folder. A file that is used where it lies is not touched, nor is a model of "
         "Ollama's.",
         {{"MODEL", true, true, Offer::model}},
         {},
         "lar rm tiny poet"},
        {"cp",
         "give a model another name, too",
         "",
         {{"MODEL", true, false, Offer::model}, {"NAME"}},
         {},
         "lar cp tiny tiny-backup"},
    };
}

std::vector<Verb> daemon_and_rest() {
    return {
        {"serve",
         "run the daemon in the foreground",
         "Not needed for the other commands, which start it when it does not run. It listens on a unix socket of yours "
         "and on 127.0.0.1. If the port is taken it says so and serves on the socket.",
         {},
         {{"--port", "", "N", "the port on 127.0.0.1 (11434)"},
          {"--no-tcp", "", "", "only the unix socket"},
          {"--require-air-gap", "", "", "do not start where this kernel lacks a layer of the air gap"},
          {"--log-level", "", "LEVEL", "debug, info, warning or error", false, Offer::choice,
           "debug info warning error"}},
         "lar serve --port 11500",
         false},
        {"status",
         "what the daemon does and what it needs",
         "Does not start the daemon; ends with 1 when it does not run.",
         {},
         {},
         "lar status"},
        {"doctor",
         "check this installation, and say what to do",
         "Ends with 1 when a check failed. --air-gap starts each of Lar's programs under its real policy, tries to get "
         "out of it in every way there is, and prints what became of each attempt; nothing else is asked, not even "
         "the daemon. With --json it is a report with its SHA-256 to hand on. --rebuild makes the index again from "
         "what is stored, and waits for it; what is not in it again is not found meanwhile.",
         {},
         {{"--air-gap", "", "", "prove that no process can reach anybody"},
          {"--rebuild", "", "", "make the index of words again"}},
         "lar doctor\nlar doctor --air-gap\nlar doctor --air-gap --json > report.json\nlar doctor --rebuild"},
        {"token",
         "tokens of programs that reach Lar over TCP",
         "Without ACTION it lists them. create prints a new one, once; with --scope chat (the default) it reaches "
         "models "
         "alone, with --scope memory all that you reach. Programs send it as an API key. Models need none unless "
         "server.require_token is set in config.toml; your memory always does.",
         {{"ACTION", false, false, Offer::choice, "create list revoke"}, {"NAME", false}},
         {{"--scope", "", "SCOPE", "chat or memory", false, Offer::choice, "chat memory"},
          {"--per-minute", "", "N", "at most N requests a minute (0: any)"}},
         "lar token create editor\nlar token create phone --scope memory --per-minute 120\nlar token revoke editor"},
        {"logs",
         "the daemon's log",
         "It never holds your text. -f goes on until interrupted.",
         {},
         {{"--lines", "-n", "N", "the last N lines (50)"}, {"--follow", "-f", "", "go on with what is written next"}},
         "lar logs -n 100\nlar logs -f",
         false},
        {"shutdown", "stop the daemon", "Work in progress is taken up at the next start.", {}, {}, "lar shutdown"},
        {"eval",
         "measure retrieval, memory, answers and latency on known sets",
         "Each set goes into a daemon and a store of its own, removed afterwards; each question goes through the same "
         "search as yours. `retrieval` takes a folder in BEIR layout (corpus.jsonl, queries.jsonl, qrels.tsv) and "
         "reports "
         "nDCG@10, recall, MRR and MAP. `memory` takes conversations in LoCoMo's layout, a file or a folder of them, "
         "and "
         "reports by category how many of the turns that answer a question are found in its conversation, and how "
         "adversarial questions end. `qa` takes questions about a folder, one JSON object a line with `question` and "
         "`answers` (\"src/a.c:12\", {\"path\", \"line\"}, {\"commit\"}, or \"none\"), and reports whether the right "
         "place is "
         "among the first citations and passages, and whether what has no answer is refused. `latency` makes passages "
         "of "
         "60 words (Zipf over 200,000) and asks questions of six.",
         {{"SUBJECT", true, false, Offer::choice, "retrieval memory qa latency"}, {"PLACE", false, false, Offer::path}},
         {{"--in", "", "FOLDER", "qa: the tree that the questions are about", false, Offer::folder},
          {"--queries", "", "FILE", "retrieval: instead of queries.jsonl, e.g. queries.hard.jsonl"},
          {"--passages", "", "N", "latency: how many (100000)"},
          {"--while-ingesting", "", "", "latency: also while further passages are pushed"},
          {"--idle", "", "SECONDS", "latency: how long the daemon is left alone before its memory is looked at (20)"},
          {"--limit", "", "N", "only the first N questions; latency: that many (1000)"},
          {"--run", "", "FILE",
           "also write what was found, a line each: question, document, rank, score; for qa JSON with the answer",
           false, Offer::path}},
         "lar eval retrieval ~/collections/cranfield --json\n"
         "lar eval memory locomo10.json\n"
         "lar eval qa questions.jsonl --in ~/src/project\n"
         "lar eval latency --passages 1000000 --while-ingesting"},
        {"bench",
         "measure how fast a server of OpenAI's API answers",
         "Measures prefill and decode in tokens per second, the time to the first token (of a prompt never seen "
         "before, of "
         "the same again, of the next turn in that conversation), the time between tokens, and what many clients at "
         "once "
         "get. Prompts are random words; tokens are counted by the server. --depth puts that many tokens before the "
         "prompt. With --compare two servers are measured in alternation, and their ratios printed. Without --url it "
         "measures Lar's own daemon. Ctrl-C prints what was measured until then.",
         {},
         {{"--url", "", "URL", "a server, such as http://127.0.0.1:8080/v1 (Lar's own daemon)"},
          {"--model", "", "NAME", "one of the server's models (its only one)"},
          {"--api-key-env", "", "VAR", "the environment variable with the API key; given again, that of --compare",
           true},
          {"--prompt-tokens", "", "N", "tokens of a prompt (512)"},
          {"--tokens", "", "N", "tokens of an answer (128)"},
          {"--depth", "", "LIST", "tokens before the prompt (0,2000)"},
          {"--concurrency", "", "LIST", "clients at once (1,2,4,8,16)"},
          {"--repeat", "", "N", "repetitions (3)"},
          {"--warmup", "", "N", "repetitions before, which do not count (1)"},
          {"--compare", "", "URL", "a second server, measured in alternation with the first"},
          {"--svg", "", "FILE", "also draw the figures into this file", false, Offer::path}},
         "lar bench --url http://127.0.0.1:8080/v1 --depth 0 --concurrency 1,4\n"
         "lar bench --compare http://127.0.0.1:8080/v1 --svg speed.svg"},
        {"completion",
         "a shell's completions for lar",
         "Prints a script to be read by that shell.",
         {{"SHELL", true, false, Offer::choice, "bash zsh fish"}},
         {},
         "lar completion bash > ~/.local/share/bash-completion/completions/lar",
         false},
        {"version", "which Lar this is", "", {}, {}, "lar version"},
        {"help",
         "how to use lar, or one command of it",
         "",
         {{"COMMAND", false, false, Offer::choice, ""}},
         {{"--man", "", "", "print the manual page, as roff"}},
         "lar help ask",
         false},
    };
}

std::vector<Verb> make_verbs() {
    std::vector<Verb> all = asking();
    for (auto* part : {&sourcing, &consent, &models, &daemon_and_rest})
        for (Verb& verb : part()) all.push_back(std::move(verb));
    return all;
}

// Levenshtein's distance, where swapping two neighbours counts as one step: it is the commonest slip.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) rows[i][0] = i;
    std::iota(rows[0].begin(), rows[0].end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t best = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            best = std::min({best, rows[i - 1][j] + 1, rows[i][j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = std::min(best, rows[i - 2][j - 2] + 1);
            rows[i][j] = best;
        }
    return rows[a.size()][b.size()];
}

constexpr std::size_t limit_suggested_word_bytes = 64;

}  // namespace

std::span<const Verb> verbs() {
    static const std::vector<Verb> table = make_verbs();
    return table;
}

const Verb* find_verb(std::string_view name) {
    const auto found = std::ranges::find(verbs(), name, &Verb::name);
    return found == verbs().end() ? nullptr : &*found;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
    if (word.size() > limit_suggested_word_bytes) return {};
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string_view candidate : known)
        if (const std::size_t steps = distance(word, candidate); steps < best_distance) {
            best = candidate;
            best_distance = steps;
        }
    // The beginning of a word is as good as the word.
    if (best.empty() && word.size() >= 2)
        for (const std::string_view candidate : known)
            if (candidate.starts_with(word)) return candidate;
    return best;
}

std::string_view nearest_verb(std::string_view word) {
    std::vector<std::string_view> names;
    for (const Verb& verb : verbs()) names.push_back(verb.name);
    return nearest(word, names);
}

}  // namespace lar::cli
