#!/bin/bash
# Run the checks of the project, and end by saying what could not be tested here.
#   tools/test.sh [lint] [newest] [older]   these parts; all of them if none is named
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
failed=()
not_tested=$(mktemp)
trap 'rm -f "$not_tested"' EXIT

check() { # check NAME COMMAND…: a failure is kept for the end, so that one run tells all
    echo "▸ $1"
    "${@:2}" || failed+=("$1")
}

run_pytest() {
    $python -m pytest --numprocesses=logical --maxprocesses=4 --dist=loadgroup \
        --not-tested="$not_tested" "$@"
}

lint() {
    check "lint" $python -m ruff check --quiet .
    check "format" $python -m ruff format --check --quiet .
    check "types" $python -m mypy
    check "direction of imports" .venv/bin/lint-imports --no-logo
}

newest() { check "tests" run_pytest; }

older() {
    local -x PYTHONPATH=.venv/sqlalchemy-2.0
    check "SQLAlchemy 2.0 in use" $python -c 'import sqlalchemy; assert sqlalchemy.__version__ < "2.1"'
    # Time is short: MariaDB stands for MySQL, which is the same dialect to SQLAlchemy.
    check "core tests on SQLAlchemy 2.0" run_pytest -m core -k "not mysql"
}

[ $# -gt 0 ] || set -- lint newest older
for part in "$@"; do "$part"; done

if [ -s "$not_tested" ]; then
    echo "Not tested:"
    sort -u "$not_tested" | sed 's/^/  - /'
fi
if [ ${#failed[@]} -gt 0 ]; then
    printf '✗ failed: %s\n' "${failed[@]}"
    exit 1
fi
echo "✓ passed in $((SECONDS / 60)) min $((SECONDS % 60)) s"
