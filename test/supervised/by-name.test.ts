/** Real programs under policies with names: what they reach through the proxy, what not, and how that is reported. */
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type NamedConnection, parseRules, run } from "../../src/index.ts";
import { SCT } from "./sct.ts";

async function serve(
  t: TestContext,
  answer: RequestListener,
  address = "127.0.0.1",
): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "sct-by-name-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly connections: readonly NamedConnection[];
  readonly policies: Awaited<ReturnType<typeof run>>["policies"];
}

const HOSTS = { "good.example": ["127.0.0.1"], "pack.good.example": ["127.0.0.1"] };

/** `connect` is the list; names below good.example lead to this machine. */
async function under(
  connect: string,
  argv: readonly string[],
  {
    cwd,
    env,
    otherwise = "FAIL EACCES",
  }: { cwd?: string; env?: NodeJS.ProcessEnv; otherwise?: string } = {},
): Promise<Outcome> {
  const connections: NamedConnection[] = [];
  const { NODE_TEST_CONTEXT: _, ...own } = process.env;
  const { exitCode, stdout, stderr, policies } = await run(
    parseRules(`policy p { connect { ${connect} } otherwise = ${otherwise} }`),
    argv,
    {
      stdio: "pipe",
      hosts: HOSTS,
      onConnection: (connection) => connections.push(connection),
      env: { ...own, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    },
  );
  return { exitCode, stdout, stderr, connections, policies };
}

const shown = ({ way, verdict, host }: NamedConnection): string => `${way} ${verdict} ${host}`;

test("curl reaches names of the list, plainly and by CONNECT and SOCKS5, and no other one", async (t) => {
  const port = await serve(t, (request, response) => response.end(`${request.headers.host}`));
  const script = `
    curl -sS http://good.example:${port}/
    curl -sS -p http://good.example:${port}/
    curl -sS -x $(echo $ALL_PROXY | sed s/^http/socks5h/) http://good.example:${port}/
    curl -sS -o /dev/null -w ' %{http_code}' http://evil.example:${port}/
    curl -s https://evil.example:${port}/ || echo " $?"
    wget -q -O - http://pack.good.example:${port}/`;
  const list = `"good.example:${port}", "*.good.example", 127.0.0.1`;
  const { stdout, connections } = await under(list, ["bash", "-c", script]);
  const name = `good.example:${port}`;
  assert.equal(stdout, `${name}${name}${name} 403 56\npack.${name}`);
  assert.deepEqual(
    connections.map(({ comm, exe }) => [comm, exe]),
    connections.map(({ host }) =>
      host === "pack.good.example" ? ["wget", "/usr/bin/wget"] : ["curl", "/usr/bin/curl"],
    ),
  );
  assert.equal(new Set(connections.map(({ pid }) => pid)).size, connections.length);
  assert.deepEqual(connections.map(shown), [
    "HTTP allowed good.example",
    "CONNECT allowed good.example",
    "SOCKS5 allowed good.example",
    "HTTP denied evil.example",
    "CONNECT denied evil.example",
    "HTTP allowed pack.good.example",
  ]);
});

test("with names in the list, direct connections are denied but to addresses of the list and the proxy", async (t) => {
  const port = await serve(t, (_, response) => response.end("direct"));
  const ask = ["curl", "-s", "--noproxy", "*", `http://127.0.0.1:${port}/`];
  const denied = await under('"good.example"', ask);
  assert.deepEqual([denied.exitCode, denied.stdout], [7, ""]);
  const allowed = await under(`"good.example", "127.0.0.1:${port}"`, ask);
  assert.deepEqual([allowed.exitCode, allowed.stdout], [0, "direct"]);
  const pointed = await under('"good.example"', ["curl", "-sS", `http://good.example:${port}/`]);
  assert.match(
    pointed.stdout,
    /leads to 127\.0\.0\.1, which is not public and not in connect of p/,
  );
});

test("with LOG everything is let through, and reported", async (t) => {
  const port = await serve(t, (_, response) => response.end("there"));
  const { stdout, connections } = await under(
    '"other.example"',
    ["curl", "-s", `http://good.example:${port}/`],
    { otherwise: "LOG" },
  );
  assert.equal(stdout, "there");
  assert.deepEqual(connections.map(shown), ["HTTP would deny good.example"]);
});

test("what would allow a connection is said, and what no entry would is not proposed", async (t) => {
  const port = await serve(t, (_, response) => response.end("there"));
  const script = `for host in evil.example pack.good.example taken.good.example 169.254.169.254; do
    curl -s -o /dev/null http://$host:${port}/; done`;
  const list = '"other.example", "*.good.example", not "taken.good.example"';
  const { policies, connections } = await under(list, ["bash", "-c", script]);
  assert.deepEqual(
    connections.map(({ add }) => add),
    [
      [`evil.example:${port}`],
      // the name is there, and leads to this machine
      [`127.0.0.1:${port}`],
      undefined,
      [`169.254.169.254:${port}`],
    ],
  );
  const [connect] = policies[0]?.lists ?? [];
  assert.deepEqual(
    connect?.names.map(({ name, call, programs }) => [name, call, ...programs]),
    [
      [`evil.example:${port}`, "HTTP", "curl"],
      [`127.0.0.1:${port}`, "HTTP", "curl"],
      [`taken.good.example:${port}`, "HTTP", "curl"],
      [`169.254.169.254:${port}`, "HTTP", "curl"],
    ],
  );
  assert.deepEqual(connect?.add, [`"evil.example:${port}"`, `"127.0.0.1:${port}"`]);
  assert.deepEqual(connect?.notProposed, [
    { name: `169.254.169.254:${port}`, why: "a cloud answers there with credentials" },
    { name: `taken.good.example:${port}`, why: 'taken away by not "taken.good.example"' },
  ]);
});

test("sct learn proposes names of hosts, and the addresses of this machine that they lead to", async (t) => {
  const host = hostname();
  const port = await serve(t, (_, response) => response.end("there"), "0.0.0.0");
  const { address } = await lookup(host).catch(() => ({ address: undefined }));
  if (address === undefined) {
    t.skip("this machine does not find itself by its name");
    return;
  }
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const learned = join(folder(t), "l.conf");
  const learn = (options: readonly string[]): Promise<Finished> =>
    finished([SCT, "learn", ...options, "--", "curl", "-s", `http://${host}:${port}/`], env);
  const first = await learn(["-o", learned]);
  assert.deepEqual([first.status, first.stdout], [0, "there"], first.stderr);
  const text = readFileSync(learned, "utf8");
  const [, connect = ""] = /^ {2}connect \{\n([^}]*)\}$/m.exec(text) ?? [];
  assert.deepEqual(
    [...connect.matchAll(/^ {4}"(.*)", {2}# 1 call by curl$/gm)].map(([, entry]) => entry),
    [`${host.toLowerCase()}:${port}`, `${address}:${port}`],
    text,
  );
  const second = await learn(["-f", learned]);
  assert.match(second.stderr, /nothing new in the last 1 run, 2 in all/);
});

interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The server is in this process: it must not be blocked meanwhile. */
async function finished([file = "", ...args]: string[], env: NodeJS.ProcessEnv): Promise<Finished> {
  return new Promise((resolve) =>
    execFile(file, args, { env }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

test("the port of the proxy serves nobody without the password", async () => {
  const script =
    'echo "$http_proxy" | grep -q "^http://sct:[0-9a-f]*@127.0.0.1:[0-9]*$" || exit 1\n' +
    "curl -s -o /dev/null -w '%{http_code}' -x http://sct:x@$" +
    "{http_proxy#*@} http://good.example/";
  const { stdout, connections } = await under('"good.example"', ["bash", "-c", script]);
  assert.deepEqual([stdout, connections], ["407", []]);
});

const FETCH = `
for (const name of ["good.example", "evil.example"])
  await fetch("http://" + name + ":" + process.argv[1] + "/").then(
    async (answer) => console.log(answer.status, answer.ok ? await answer.text() : ""),
    (error) => console.log(error.cause?.message ?? error.message));
`;
const URLLIB = `
import sys, urllib.request, urllib.error
for name in "good.example", "evil.example":
    try:
        print(urllib.request.urlopen(f"http://{name}:{sys.argv[1]}/").read().decode())
    except urllib.error.HTTPError as error: print(error.code)
`;

test("fetch of Node.js and urllib of Python go through the proxy by themselves", async (t) => {
  const port = await serve(t, (_, response) => response.end("the answer"));
  const list = `"good.example:${port}", 127.0.0.1`;
  const node = [process.execPath, "--input-type=module", "-e", FETCH, String(port)];
  const fetched = await under(list, node);
  assert.match(fetched.stdout, /^200 the answer\n/, fetched.stderr);
  assert.equal(fetched.stdout.trim().split("\n").length, 2, fetched.stdout);
  assert.ok(fetched.connections.map(shown).includes("CONNECT denied evil.example"));
  const python = await under(list, ["python3", "-c", URLLIB, String(port)]);
  assert.equal(python.stdout, "the answer\n403\n", python.stderr);
});

test("git clones over http from a name of the list", async (t) => {
  const directory = folder(t);
  const git = (cwd: string, ...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      cwd,
      stdio: "pipe",
    });
  const source = join(directory, "source");
  mkdirSync(source);
  git(source, "init", "-q");
  writeFileSync(join(source, "file"), "content\n");
  git(source, "add", "file");
  git(source, "commit", "-q", "-m", "one");
  git(directory, "clone", "-q", "--bare", "source", "bare.git");
  git(join(directory, "bare.git"), "update-server-info");
  const port = await serve(t, (request, response) => {
    const path = new URL(request.url ?? "/", "http://x").pathname;
    try {
      response.end(execFileSync("cat", [join(directory, path)], { stdio: "pipe" }));
    } catch {
      response.writeHead(404).end();
    }
  });
  const clone = (host: string) => [
    "git",
    "clone",
    "-q",
    `http://${host}:${port}/bare.git`,
    `of-${host}`,
  ];
  const env = { HOME: directory };
  const list = `"*.good.example", 127.0.0.1`;
  const good = await under(list, clone("pack.good.example"), { cwd: directory, env });
  assert.equal(good.exitCode, 0, good.stderr);
  assert.ok(
    good.connections.length > 2 && good.connections.every((one) => one.verdict === "allowed"),
  );
  const evil = await under(list, clone("evil.example"), { cwd: directory, env });
  assert.equal(evil.exitCode, 128);
  assert.match(evil.stderr, /403/);
});

test("npm installs from a registry of the list, whose packages lie at another name", async (t) => {
  const directory = folder(t);
  mkdirSync(join(directory, "package"));
  writeFileSync(join(directory, "package/package.json"), '{"name":"thing","version":"1.0.0"}');
  execFileSync("tar", ["czf", "thing.tgz", "package"], { cwd: directory });
  const tarball = execFileSync("cat", [join(directory, "thing.tgz")]);
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const port = await serve(t, (request, response) => {
    if (request.url?.endsWith(".tgz") === true) response.end(tarball);
    else if (request.url === "/thing") {
      const dist = { tarball: `http://pack.good.example:${port}/thing.tgz`, integrity };
      const versions = { "1.0.0": { name: "thing", version: "1.0.0", dist } };
      const about = { name: "thing", "dist-tags": { latest: "1.0.0" }, versions };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(about));
    } else response.writeHead(404).end("{}");
  });
  const project = join(directory, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), "{}");
  const env = {
    ...Object.fromEntries(
      Object.keys(process.env)
        .filter((name) => /^npm_/i.test(name))
        .map((name) => [name, undefined]),
    ),
    HOME: directory,
    npm_config_registry: `http://good.example:${port}/`,
    npm_config_cache: join(directory, "cache"),
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    npm_config_fetch_retries: "0",
  };
  const install = ["npm", "install", "thing"];
  const half = await under(`"good.example:${port}", 127.0.0.1`, install, { cwd: project, env });
  assert.notEqual(half.exitCode, 0);
  assert.ok(half.connections.map(shown).some((one) => one.endsWith("denied pack.good.example")));
  const both = `"good.example:${port}", "*.good.example:${port}", 127.0.0.1`;
  const { exitCode, stderr, connections } = await under(both, install, { cwd: project, env });
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual([...new Set(connections.map(({ host }) => host))].sort(), [
    "good.example",
    "pack.good.example",
  ]);
});

const THREADS = `
import os, socket, sys, threading
proxy = int(os.environ["http_proxy"].rsplit(":", 1)[1])
def attempt(address):
    with socket.socket() as s:
        try: s.connect(address); return "made"
        except OSError as error: return error.errno
print(attempt(("127.0.0.1", proxy)), attempt(("127.0.0.2", proxy)), attempt(("127.0.0.1", 9)))
`;

test("the port of the proxy is open on the address of the proxy alone", async () => {
  const { stdout, stderr } = await under('"good.example"', ["python3", "-c", THREADS]);
  assert.equal(stdout, "made 13 13\n", stderr);
});

test("calls of the command are decided while a thousand connections are made", async (t) => {
  const port = await serve(t, (_, response) => response.end("x"));
  const script = `
import os, socket, time
proxy = ("127.0.0.1", int(os.environ["http_proxy"].rsplit(":", 1)[1]))
made, slowest = [], 0
for i in range(1000):
    begin = time.monotonic()
    s = socket.create_connection(proxy)
    slowest = max(slowest, time.monotonic() - begin)
    s.sendall(b"CONNECT good.example:${port} HTTP/1.1\\r\\n\\r\\n")
    made.append(s)
answers = [s.recv(100)[9:12] for s in made]
print(len(answers), set(answers) == {b"407"})
`;
  const { stdout, stderr } = await under('"good.example"', ["python3", "-c", script]);
  assert.equal(stdout, "1000 True\n", stderr);
});
