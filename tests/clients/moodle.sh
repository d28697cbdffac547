#!/usr/bin/env bash
# moodle.sh MOODLE FILE.xml...: import our Moodle XML into a real Moodle, and answer every question in it.
#
# MOODLE is a tree of Moodle's sources (a clone or an unpacked release, 4.2 or later); it is not changed. Needs PHP with
# Moodle's extensions and MariaDB's server; tests/clients/README.md names Debian's packages. Everything lives in a
# temporary folder, and the database listens on a socket in it alone. WORK=folder keeps it for the next run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 2 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2; }
moodle=$(cd "$1" && pwd); shift
files=(); for file in "$@"; do files+=("$(realpath "$file")"); done
[ -f "$moodle/version.php" ] || [ -f "$moodle/public/version.php" ] || { echo "$moodle is no tree of Moodle" >&2; exit 2; }
for program in php mariadbd mariadb-install-db; do
  command -v $program >/dev/null || { echo "$program is missing: see tests/clients/README.md" >&2; exit 3; }
done

work=${WORK:-$(mktemp -d)}
mkdir -p "$work"/{data,db}
as=(); [ "$(id -u)" != 0 ] || { as=(--user=mysql); chown mysql "$work/db"; chmod 755 "$work"; }
stop() { [ -z "${server:-}" ] || { kill "$server"; wait "$server" || true; }; [ -n "${WORK:-}" ] || rm -rf "$work"; }
trap stop EXIT

[ -d "$work/moodle" ] || cp -al "$moodle" "$work/moodle" 2>/dev/null || cp -a "$moodle" "$work/moodle"
[ -d "$work/db/mysql" ] || mariadb-install-db --no-defaults "${as[@]}" --datadir="$work/db" --auth-root-authentication-method=normal >/dev/null
mariadbd --no-defaults "${as[@]}" --datadir="$work/db" --socket="$work/db/socket" --skip-networking --innodb-flush-log-at-trx-commit=0 \
  --pid-file="$work/db/pid" >"$work/db.log" 2>&1 &
server=$!
for _ in $(seq 100); do mariadb-admin --no-defaults -u root --socket="$work/db/socket" ping >/dev/null 2>&1 && break; sleep 0.2; done
mariadb --no-defaults -u root --socket="$work/db/socket" -e "CREATE DATABASE IF NOT EXISTS moodle CHARACTER SET utf8mb4"

rm -f "$work/moodle/config.php" # ours: the tree's own, if it has one, is a hard link and stays there
cat >"$work/moodle/config.php" <<EOF
<?php
unset(\$CFG);
global \$CFG;
\$CFG = new stdClass();
\$CFG->dbtype = 'mariadb';
\$CFG->dblibrary = 'native';
\$CFG->dbhost = 'localhost';
\$CFG->dbname = 'moodle';
\$CFG->dbuser = 'root';
\$CFG->dbpass = '';
\$CFG->prefix = 'mdl_';
\$CFG->dboptions = ['dbsocket' => '$work/db/socket', 'dbcollation' => 'utf8mb4_unicode_ci'];
\$CFG->wwwroot = 'http://localhost';
\$CFG->dataroot = '$work/data';
\$CFG->directorypermissions = 0700;
require_once(__DIR__ . '/lib/setup.php');
EOF
php=(php -d max_input_vars=5000 -d memory_limit=1G)
if [ ! -f "$work/installed" ]; then
  "${php[@]}" "$work/moodle/admin/cli/install_database.php" --agree-license --adminpass=Only-here-1 --adminemail=admin@example.org \
    --fullname=Import --shortname=import >"$work/install.log" 2>&1 || { tail -20 "$work/install.log" >&2; exit 4; }
  touch "$work/installed"
fi
"${php[@]}" "$here/moodle_import.php" "$work/moodle/config.php" "${files[@]}"
