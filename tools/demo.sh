#!/bin/bash
# Run the demo: an SQLite file, a seeded world, a free port from 5000 on (or $PORT).
# May be run again at any time; what was done there is kept, unless FRESH is set.
set -euo pipefail
cd "$(dirname "$0")/.."
flask=(.venv/bin/python -m flask --app zeeguu_gamify.demo.product)

free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
port=${PORT:-5000}
[[ $port =~ ^[0-9]+$ ]] && ((port > 0 && port < 65536)) || { echo "✗ PORT must be a number, not $port"; exit 1; }
until free "$port"; do
    [ -z "${PORT:-}" ] || { echo "✗ port $port is taken; say another one: make demo PORT=$((port + 1))"; exit 1; }
    port=$((port + 1))
done

[ -z "${FRESH:-}" ] || rm -f instance/demo.db*
"${flask[@]}" demo init
echo "▸ Open http://localhost:$port/ (Ctrl-C ends it; make demo FRESH=1 begins anew)"
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open >/dev/null; then
    (sleep 2 && exec xdg-open "http://localhost:$port/" >/dev/null 2>&1) &
fi
exec "${flask[@]}" run --host 127.0.0.1 --port "$port"
