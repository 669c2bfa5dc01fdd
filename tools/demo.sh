#!/bin/bash
# Run the demo host: an SQLite file, a seeded world, a free port from 5000 on (or $PORT).
set -euo pipefail
cd "$(dirname "$0")/.."
flask=(.venv/bin/python -m flask --app zeeguu_gamify.demo)

port=$(.venv/bin/python - ${PORT:-$(seq 5000 5099)} <<'PYTHON'
import socket
import sys

for port in sys.argv[1:]:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", int(port))) != 0:
            sys.exit(print(port))
sys.exit("▸ no free port: try make demo PORT=8080")
PYTHON
)

"${flask[@]}" demo init
echo "▸ Open http://localhost:$port/ (Ctrl-C ends it)"
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open >/dev/null; then
    (sleep 2 && xdg-open "http://localhost:$port/" >/dev/null 2>&1) &
fi
exec "${flask[@]}" run --host 127.0.0.1 --port "$port"
