#!/bin/bash
# Unpack a real MySQL 9 from Debian into DIR, beside the system: nothing is installed, no root needed.
# Leaves DIR/mysqld, DIR/mysql and DIR/mysqladmin. Run again, it does nothing.
# Usage: tools/get-mysql9.sh DIR
set -euo pipefail

target=$(realpath -m "$1")
"$target/mysqld" --version >/dev/null 2>&1 && exit 0
for tool in apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || { echo "$tool is missing (not a Debian machine)" >&2; exit 1; }
done

# Built in a folder of its own and moved at the end, so that an interruption leaves nothing half done.
mkdir -p "$(dirname "$target")"
build=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$build"' EXIT
apt=$build/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$build/root"
: >"$apt/status" # as if no package were installed: all that is needed is downloaded

# The machine's own mirror, which works behind whatever stands between it and Debian.
mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
    head -n 1 | tr -d ' ' || true)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} sid main" >"$apt/sid.list"

options=(
    -o Dir::Etc::SourceList="$apt/sid.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists="$apt/lists" -o Dir::State::Status="$apt/status" -o Dir::Cache="$apt/cache"
    -o APT::Sandbox::User=root -o Acquire::Retries=3 -o Acquire::Languages=none
)
apt-get "${options[@]}" update -qq
apt-get "${options[@]}" install -qq -y --no-install-recommends --download-only \
    mysql-server-core mysql-client-core >/dev/null
for package in "$apt"/cache/archives/*.deb; do
    case $package in
        */perl* | */libperl*) ;; # for helper scripts that nobody calls here
        *) dpkg-deb --extract "$package" "$build/root" ;;
    esac
done
rm -rf "$apt" "$build"/root/usr/share/{doc,locale,man}

# Wrappers run the programs with the libraries they came with, wherever the folder is moved.
# What they add comes last, since --no-defaults must be the first of all.
wrap() { # wrap PROGRAM OPTIONS
    cat >"$build/${1##*/}" <<WRAPPER
#!/bin/bash
root=\$(dirname "\$(realpath "\$0")")/root/usr
libraries=\$(echo "\$root"/lib/*-linux-gnu)
exec "\$libraries"/ld-linux-*.so.* --library-path "\$libraries" "\$root/$1" "\$@" $2
WRAPPER
    chmod +x "$build/${1##*/}"
}
wrap bin/mysql ""
wrap bin/mysqladmin ""
wrap sbin/mysqld '--basedir="$root" --lc-messages-dir="$root/share/mysql" \
    --plugin-dir="$root/lib/mysql/plugin" --secure-file-priv='
"$build/mysqld" --version >/dev/null

chmod 755 "$build"
rm -rf "$target"
mv "$build" "$target"
