# bash completion for lar: `lar completion bash` writes it.
_lar() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "ask chat chats search open answers add sources sync forget jobs export import ledger handoff run create pull list show ps stop rm cp serve status doctor token logs shutdown eval bench completion version help --help --version" -- "$word"))
        return
    fi
    case "$verb" in
        ask)
            case "$before" in
                --in) COMPREPLY=($(compgen -W "$(lar completion sources 2>/dev/null)" -- "$word")); return ;;
                --since) COMPREPLY=(); return ;;
                --until) COMPREPLY=(); return ;;
                --limit) COMPREPLY=(); return ;;
                --model) COMPREPLY=(); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--in --since --until --limit --model --no-model --explain --explain-route --json --help" -- "$word")); return ;;
            esac
            ;;
        chat)
            case "$before" in
                --in) COMPREPLY=($(compgen -W "$(lar completion sources 2>/dev/null)" -- "$word")); return ;;
                --resume) COMPREPLY=(); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--in --no-sources --no-memory --resume --json --help" -- "$word")); return ;;
            esac
            ;;
        chats)
            case "$before" in
                --limit) COMPREPLY=(); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--limit --json --help" -- "$word")); return ;;
            esac
            [ "$COMP_CWORD" -ne 2 ] || { COMPREPLY=($(compgen -W "search show delete" -- "$word")); }
            ;;
        search)
            case "$before" in
                --in) COMPREPLY=($(compgen -W "$(lar completion sources 2>/dev/null)" -- "$word")); return ;;
                --since) COMPREPLY=(); return ;;
                --until) COMPREPLY=(); return ;;
                --kind) COMPREPLY=($(compgen -W "file commit working_tree stash branch pushed" -- "$word")); return ;;
                --limit) COMPREPLY=(); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--in --since --until --kind --limit --explain --json --help" -- "$word")); return ;;
            esac
            ;;
        open)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--print --json --help" -- "$word")); return ;;
            esac
            ;;
        answers)
            case "$before" in
                --limit) COMPREPLY=(); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--limit --json --help" -- "$word")); return ;;
            esac
            ;;
        add)
            case "$before" in
                --name) COMPREPLY=(); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--name --wait --no-wait --json --help" -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -f -- "$word")); compopt -o filenames 2>/dev/null
            ;;
        sources)
            case "$before" in
                --why) COMPREPLY=($(compgen -f -- "$word")); compopt -o filenames 2>/dev/null; return ;;
                --left-out) COMPREPLY=($(compgen -W "$(lar completion sources 2>/dev/null)" -- "$word")); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--why --left-out --json --help" -- "$word")); return ;;
            esac
            ;;
        sync)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--no-wait --json --help" -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W "$(lar completion sources 2>/dev/null)" -- "$word"))
            ;;
        forget)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--prove -y --yes --json --help" -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W "$(lar completion sources 2>/dev/null)" -- "$word"))
            ;;
        jobs)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--json --help" -- "$word")); return ;;
            esac
            [ "$COMP_CWORD" -ne 2 ] || { COMPREPLY=($(compgen -W "cancel" -- "$word")); }
            ;;
        export)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--json --help" -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -d -- "$word")); compopt -o filenames 2>/dev/null
            ;;
        import)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--json --help" -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -d -- "$word")); compopt -o filenames 2>/dev/null
            ;;
        ledger)
            case "$before" in
                --month) COMPREPLY=(); return ;;
                --limit) COMPREPLY=(); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--month --limit --json --help" -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W "verify" -- "$word"))
            ;;
        handoff)
            case "$before" in
                --to) COMPREPLY=(); return ;;
                --answer) COMPREPLY=(); return ;;
                --in) COMPREPLY=($(compgen -W "$(lar completion sources 2>/dev/null)" -- "$word")); return ;;
                --since) COMPREPLY=(); return ;;
                --until) COMPREPLY=(); return ;;
                --why) COMPREPLY=(); return ;;
                --tokens) COMPREPLY=(); return ;;
                --hash) COMPREPLY=(); return ;;
                --limit) COMPREPLY=(); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--to --answer --text --in --since --until --why --tokens --hash -y --yes --raw --limit --json --help" -- "$word")); return ;;
            esac
            [ "$COMP_CWORD" -ne 2 ] || { COMPREPLY=($(compgen -W "propose list show edit keep redact approve deny forget providers key" -- "$word")); }
            ;;
        run)
            case "$before" in
                --keepalive) COMPREPLY=(); return ;;
                --format) COMPREPLY=(); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--verbose --keepalive --think --hidethinking --nowordwrap --no-history --format --json --help" -- "$word")); return ;;
            esac
            [ "$COMP_CWORD" -ne 2 ] || { COMPREPLY=($(compgen -W "$(lar completion models 2>/dev/null)" -- "$word")); }
            ;;
        create)
            case "$before" in
                --from) COMPREPLY=($(compgen -f -- "$word")); compopt -o filenames 2>/dev/null; return ;;
                -f|--file) COMPREPLY=($(compgen -f -- "$word")); compopt -o filenames 2>/dev/null; return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--from -f --file --copy --json --help" -- "$word")); return ;;
            esac
            ;;
        pull)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--insecure --json --help" -- "$word")); return ;;
            esac
            ;;
        list)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--json --help" -- "$word")); return ;;
            esac
            ;;
        show)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--modelfile --parameters --template --system --license --verbose --json --help" -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W "$(lar completion models 2>/dev/null)" -- "$word"))
            ;;
        ps)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--json --help" -- "$word")); return ;;
            esac
            ;;
        stop)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--json --help" -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W "$(lar completion models 2>/dev/null)" -- "$word"))
            ;;
        rm)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--json --help" -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W "$(lar completion models 2>/dev/null)" -- "$word"))
            ;;
        cp)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--json --help" -- "$word")); return ;;
            esac
            [ "$COMP_CWORD" -ne 2 ] || { COMPREPLY=($(compgen -W "$(lar completion models 2>/dev/null)" -- "$word")); }
            ;;
        serve)
            case "$before" in
                --port) COMPREPLY=(); return ;;
                --log-level) COMPREPLY=($(compgen -W "debug info warning error" -- "$word")); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--port --no-tcp --require-air-gap --log-level --help" -- "$word")); return ;;
            esac
            ;;
        status)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--json --help" -- "$word")); return ;;
            esac
            ;;
        doctor)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--air-gap --rebuild --json --help" -- "$word")); return ;;
            esac
            ;;
        token)
            case "$before" in
                --scope) COMPREPLY=($(compgen -W "chat memory" -- "$word")); return ;;
                --per-minute) COMPREPLY=(); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--scope --per-minute --json --help" -- "$word")); return ;;
            esac
            [ "$COMP_CWORD" -ne 2 ] || { COMPREPLY=($(compgen -W "create list revoke" -- "$word")); }
            ;;
        logs)
            case "$before" in
                -n|--lines) COMPREPLY=(); return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "-n --lines -f --follow --help" -- "$word")); return ;;
            esac
            ;;
        shutdown)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--json --help" -- "$word")); return ;;
            esac
            ;;
        eval)
            case "$before" in
                --in) COMPREPLY=($(compgen -d -- "$word")); compopt -o filenames 2>/dev/null; return ;;
                --queries) COMPREPLY=(); return ;;
                --passages) COMPREPLY=(); return ;;
                --idle) COMPREPLY=(); return ;;
                --limit) COMPREPLY=(); return ;;
                --run) COMPREPLY=($(compgen -f -- "$word")); compopt -o filenames 2>/dev/null; return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--in --queries --passages --while-ingesting --idle --limit --run --json --help" -- "$word")); return ;;
            esac
            [ "$COMP_CWORD" -ne 2 ] || { COMPREPLY=($(compgen -W "retrieval memory qa latency" -- "$word")); }
            [ "$COMP_CWORD" -ne 3 ] || { COMPREPLY=($(compgen -f -- "$word")); compopt -o filenames 2>/dev/null; }
            ;;
        bench)
            case "$before" in
                --url) COMPREPLY=(); return ;;
                --model) COMPREPLY=(); return ;;
                --api-key-env) COMPREPLY=(); return ;;
                --prompt-tokens) COMPREPLY=(); return ;;
                --tokens) COMPREPLY=(); return ;;
                --depth) COMPREPLY=(); return ;;
                --concurrency) COMPREPLY=(); return ;;
                --repeat) COMPREPLY=(); return ;;
                --warmup) COMPREPLY=(); return ;;
                --compare) COMPREPLY=(); return ;;
                --svg) COMPREPLY=($(compgen -f -- "$word")); compopt -o filenames 2>/dev/null; return ;;
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--url --model --api-key-env --prompt-tokens --tokens --depth --concurrency --repeat --warmup --compare --svg --json --help" -- "$word")); return ;;
            esac
            ;;
        completion)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--help" -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W "bash zsh fish" -- "$word"))
            ;;
        version)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--json --help" -- "$word")); return ;;
            esac
            ;;
        help)
            case "$before" in
            esac
            case "$word" in
                -*) COMPREPLY=($(compgen -W "--man --help" -- "$word")); return ;;
            esac
            COMPREPLY=($(compgen -W "ask chat chats search open answers add sources sync forget jobs export import ledger handoff run create pull list show ps stop rm cp serve status doctor token logs shutdown eval bench completion version help" -- "$word"))
            ;;
    esac
}
complete -F _lar lar
