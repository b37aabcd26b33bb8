/** Databases: sqlite3 with its journals, PostgreSQL with its processes, shared memory and sockets. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Program, testSame } from "./compare.ts";

const SQL = `create table t (id integer primary key, name text, at integer);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) insert into t select i, 'name ' || i, i * 7 % 1000 from n;
create index t_at on t (at);
begin; delete from t where at < 500; rollback;
begin; update t set name = upper(name) where at % 2 = 0; commit;
select count(*), sum(at), min(name), max(name) from t;
select at, count(*) from t group by at order by at limit 5;
`;

const output: NonNullable<Program["output"]> = ({ stdout }) => stdout;
const prepare = (directory: string): void => writeFileSync(join(directory, "work.sql"), SQL);

function sqlite(journal: string): Program {
  const script = `sqlite3 data.db 'pragma journal_mode = ${journal}' '.read work.sql' 'pragma integrity_check' &&
    sqlite3 data.db .dump | sha256sum && sqlite3 data.db vacuum '.backup copy.db' && sqlite3 copy.db 'select count(*) from t'`;
  return { name: `sqlite3, ${journal}`, command: ["sh", "-c", script], output, prepare };
}

/** Directory of the newest server's programs; Debian keeps them off PATH. */
function serverPrograms(): string {
  const base = "/usr/lib/postgresql";
  try {
    return join(
      base,
      readdirSync(base)
        .sort((a, b) => Number(a) - Number(b))
        .at(-1) ?? "",
      "bin",
    );
  } catch {
    return base;
  }
}

const POSTGRES = `set -e; export PATH=${serverPrograms()}:$PATH PGHOST=$PWD PGDATABASE=postgres PGUSER=me
initdb -D data -U me -A trust --no-sync --locale C -E UTF8 >/dev/null
pg_ctl -D data -w -l server.log -o "-k $PWD -c listen_addresses= -c shared_buffers=4MB" start >/dev/null
trap 'pg_ctl -D data -m immediate stop >/dev/null 2>&1' EXIT
psql -qAt -v ON_ERROR_STOP=1 -f work.sql
for n in 1 2 3; do psql -qAt -c "update t set at = at + $n where id % 3 = 0" & done; wait
psql -qAt -c "select count(*), sum(at) from t" -c "vacuum analyze t"
pg_dump -t t --no-owner --inserts | grep ^INSERT | sort | sha256sum
trap - EXIT; pg_ctl -D data -w -m fast stop >/dev/null; pg_controldata data | grep 'cluster state'`;

testSame(
  [
    sqlite("delete"),
    sqlite("wal"),
    { name: "PostgreSQL", command: ["bash", "-c", POSTGRES], output, prepare },
  ],
  3,
);
