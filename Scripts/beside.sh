# Shared by scripts that let parts of their work run side by side. Sourced, never run, behind lib.sh.

# beside FUNCTION [--idle]: runs a function in the background; what it prints is shown by together. With --idle it only
# has what of the processor nobody else wants.
beside_names=() beside_pids=()
beside_logs=$(mktemp -d)
beside() {
    say "Beside the next: $1 (printed at the end; until then in $beside_logs/$1)"
    # A process group of its own, so that it can be ended with all its children.
    set -m
    (
        [ "${2:-}" != --idle ] || chrt --idle --pid 0 "$BASHPID"
        "$1"
    ) > "$beside_logs/$1" 2>&1 < /dev/null &
    set +m
    beside_names+=("$1") beside_pids+=($!)
}

# together: waits for all that runs beside, shows it, and fails if one of them did.
together() {
    local index status failed=
    for index in "${!beside_pids[@]}"; do
        status=0
        wait "${beside_pids[$index]}" || status=$?
        cat "$beside_logs/${beside_names[$index]}"
        [ "$status" -eq 0 ] || failed="$failed ${beside_names[$index]}"
    done
    beside_pids=() beside_names=()
    [ -z "$failed" ] || fail "Failed:$failed"
}

# Whoever ends early ends what runs beside as Ctrl-C would, so that it ends its own servers, and shows how far it came.
end_beside() {
    local index pid
    for pid in "${beside_pids[@]}"; do kill -INT -- "-$pid" 2>/dev/null || true; done
    for index in "${!beside_pids[@]}"; do
        pid=${beside_pids[$index]}
        for _ in {1..60}; do kill -0 "$pid" 2>/dev/null && sleep 0.5 || break; done
        kill -KILL -- "-$pid" 2>/dev/null || true
        say "How far ${beside_names[$index]} came"
        tail -n 200 "$beside_logs/${beside_names[$index]}" || true
    done
    rm -rf "$beside_logs"
}
trap end_beside EXIT
