#!/bin/bash
# Make .venv, with this package in it. Does only what is missing, so it may be run at any time.
#   tools/install.sh base   what the demo needs: pure Python
#   tools/install.sh dev    what the tests need: a driver to compile, the linters, MariaDB, Redis, MySQL, Chromium
# Debian's packages are installed where that is allowed (root, or sudo without a password);
# elsewhere they are named, and the rest goes on without them.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin # where Debian keeps daemons, out of a plain user's PATH
python=.venv/bin/python

say() { echo "▸ $*"; }
has() { command -v "$1" >/dev/null; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }

may_install() { has apt-get && as_root true 2>/dev/null; }
in_archive() { apt-cache show "$1" >/dev/null 2>&1; }

first_in_archive() { # PACKAGE…: the first that the archive has, or the last
    while [ $# -gt 1 ] && ! in_archive "$1"; do shift; done
    echo "$1"
}

# provide PACKAGE[|PACKAGE]…: install Debian packages, or ask for them. With a bar: the first there is.
provide() {
    local wanted packages=()
    if may_install; then
        say "installing Debian packages: ${*//|/ or }"
        as_root apt-get update -qq &&
            for wanted in "$@"; do packages+=("$(first_in_archive ${wanted//|/ })"); done &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
                --no-install-recommends -o Acquire::Retries=3 "${packages[@]}" >/dev/null && return
    fi
    say "please install these Debian packages, or what this system calls them: ${*//|/ or }"
    return 1
}

find_python() {
    local name
    for name in python3.11 python3 python3.12 python3.13 python3.14; do
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        command -v "$name"
        return
    done
    return 1
}

make_venv() {
    $python -m pip --version >/dev/null 2>&1 && return
    local base
    base=$(find_python) || { provide python3 && base=$(find_python); } ||
        { say "there is no Python 3.11 or newer"; exit 1; }
    "$base" -c 'import ensurepip' 2>/dev/null || provide "python$(version_of "$base")-venv" || exit 1
    say "making .venv with $("$base" -V) ($base)"
    "$base" -m venv --clear .venv
}

pip_install() { $python -m pip install -qq --disable-pip-version-check --no-input "$@"; }

# install_package EXTRAS: this package, unless .venv has it with these extras (and maybe more).
# Installed anew when pyproject.toml, the folder or Python has changed.
install_package() {
    local stamp=.venv/installed extras=$* mark
    mark="$({ cat pyproject.toml; pwd; $python -V; } | sha256sum | cut -c 1-16) $extras"
    [[ $(cat $stamp 2>/dev/null) == "$mark"* ]] && return
    say "installing zeeguu_gamify and its libraries${extras:+ ($extras)}"
    pip_install --editable ".${extras:+[${extras// /,}]}"
    echo "$mark" >$stamp
}

missing_for_driver() { # mysqlclient is compiled
    $python -c 'import MySQLdb' 2>/dev/null && return
    local headers
    headers=$($python -c 'import sysconfig; print(sysconfig.get_path("include"))')
    has gcc || echo gcc
    has pkg-config || echo pkg-config
    pkg-config --exists libmariadb 2>/dev/null || pkg-config --exists mysqlclient 2>/dev/null ||
        echo libmariadb-dev
    [ -f "$headers/Python.h" ] || echo "python$(version_of $python)-dev"
}

missing_servers() {
    { has mariadbd && has mariadb-install-db; } || echo mariadb-server-core
    has mariadb || echo mariadb-client-core
    has redis-server || echo redis-server
}

missing_browser() { # the headless shell takes half of the time of a whole browser
    has chromium-headless-shell && return
    { has chromium || has google-chrome; } &&
        ! { may_install && in_archive chromium-headless-shell; } && return
    echo "chromium-headless-shell|chromium"
}

# The suite also runs on the older SQLAlchemy that we support: it shadows the newer one by PYTHONPATH.
install_older_sqlalchemy() {
    local folder=.venv/sqlalchemy-2.0
    [ -d $folder ] && return
    say "installing SQLAlchemy 2.0 beside the newest one"
    rm -rf $folder.part
    pip_install --no-deps --target $folder.part 'SQLAlchemy>=2.0.30,<2.1'
    mv $folder.part $folder
}

unpack_mysql() {
    { has mysqld && ! mysqld --version | grep -q MariaDB; } && return
    [ -x .cache/mysql9/mysqld ] && return
    say "unpacking MySQL into .cache/mysql9"
    tools/get-mysql9.sh .cache/mysql9 || say "MySQL could not be had: its tests will be left out"
}

make_venv
if [ "$1" = base ]; then
    install_package admin
else
    missing=$(missing_for_driver; missing_servers; missing_browser)
    [ -z "$missing" ] || provide $missing || true
    if [ -z "$(missing_for_driver)" ]; then
        install_package admin dev mysql
    else
        say "leaving out mysqlclient, and with it the tests on MariaDB and MySQL"
        install_package admin dev
    fi
    install_older_sqlalchemy
    unpack_mysql
fi
say "ready: .venv, $($python -V)"
