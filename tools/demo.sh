#!/bin/bash
# Run the demo host: an SQLite file, a seeded world, a free port from 5000 on (or $PORT).
set -euo pipefail
cd "$(dirname "$0")/.."
flask=(.venv/bin/python -m flask --app zeeguu_gamify.demo)

free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
port=${PORT:-5000}
until free "$port"; do
    [ -z "${PORT:-}" ] || { echo "✗ port $port is taken"; exit 1; }
    port=$((port + 1))
done

"${flask[@]}" demo init
echo "▸ Open http://localhost:$port/ (Ctrl-C ends it)"
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open >/dev/null; then
    (sleep 2 && exec xdg-open "http://localhost:$port/" >/dev/null 2>&1) &
fi
exec "${flask[@]}" run --host 127.0.0.1 --port "$port"
