#!/bin/bash
# Run the checks of the project, and end by saying what could not be tested here.
#   tools/test.sh [lint] [newest] [older]   these parts; all of them if none is named
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
step=setup
not_tested=$(mktemp)

finish() {
    local code=$?
    [ ! -s "$not_tested" ] || { echo "Not tested:"; sort -u "$not_tested" | sed 's/^/  - /'; }
    rm -f "$not_tested"
    if [ $code = 0 ]; then
        echo "✓ passed in $((SECONDS / 60)) min $((SECONDS % 60)) s"
    else
        echo "✗ failed: $step"
    fi
}
trap finish EXIT

check() { # check NAME COMMAND…
    step=$1
    echo "▸ $step"
    "${@:2}"
}

run_pytest() {
    $python -m pytest --numprocesses=logical --maxprocesses=4 --dist=loadgroup \
        --not-tested "$not_tested" "$@"
}

lint() {
    check "lint" $python -m ruff check --quiet .
    check "format" $python -m ruff format --check --quiet .
    check "types" $python -m mypy
    check "direction of imports" .venv/bin/lint-imports --no-logo
}

newest() { check "tests" run_pytest; }

older() {
    export PYTHONPATH=.venv/sqlalchemy-2.0
    check "SQLAlchemy 2.0 is used" $python -c 'import sqlalchemy; assert sqlalchemy.__version__ < "2.1"'
    check "the core of the tests on SQLAlchemy 2.0" run_pytest -m core
}

[ $# -gt 0 ] || set -- lint newest older
for part in "$@"; do "$part"; done
