/**
 * The script of the page. It makes elements of what is looked at alone, so that a long report opens at once, and brings names in as
 * text only, each in a box of its own direction.
 */
export const PAGE_SCRIPT = String.raw`"use strict";
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const { kinds, invisible } = read("shown");
const report = read("report");
const HIDDEN = new RegExp(invisible, "gu");
const SHORT = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const STEP = 200;
const FIRST_NAMES = 4;
const FIRST_NODES = 300;
const LONGEST_ROW = 300;
const TITLES = {
  read: "Read", written: "Written", made: "Made", deleted: "Deleted", renamed: "Renamed", linked: "Linked",
  started: "Started", attributes: "Attributes changed", connected: "Connected to", listened: "Listened at",
  unix: "Unix sockets", other: "Other calls",
};
const at = (id) => document.getElementById(id);
const number = (n) => n.toLocaleString("en");
const many = (n, one, more) => number(n) + " " + (n === 1 ? one : more || one + "s");

function make(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}
function escaped(one) {
  if (SHORT[one]) return SHORT[one];
  const code = one.codePointAt(0);
  if (code >= 0xdc80 && code <= 0xdcff) return "\\x" + (code - 0xdc00).toString(16);
  return code < 0x100 ? "\\x" + code.toString(16).padStart(2, "0") : "\\u{" + code.toString(16) + "}";
}
/* a name of strangers: what cannot be seen is written out */
function named(text) {
  const box = make("bdi", "name");
  let end = 0;
  for (const found of text.matchAll(HIDDEN)) {
    box.append(text.slice(end, found.index), make("span", "escape", escaped(found[0])));
    end = found.index + found[0].length;
  }
  box.append(text.slice(end));
  return box;
}
const plain = (text) => text.replace(HIDDEN, escaped);
const button = (text, act, className) => {
  const made = make("button", className, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
};
/* rows of a list, so many at a time */
function inSteps(target, rows, draw, step = STEP) {
  let shown = 0;
  const more = button("", () => { const from = shown; add(); target.children[from]?.querySelector("button")?.focus(); }, "more");
  const add = () => {
    more.remove();
    if (shown > 0) step = STEP;
    const next = rows.slice(shown, shown + step);
    target.append(...next.map(draw));
    shown += next.length;
    if (shown < rows.length) {
      more.textContent = "Show more of " + number(rows.length - shown);
      target.append(more);
    }
  };
  add();
}

/* processes, with one above them that stands for all */
const nodes = report.processes.map((process, index) => ({ ...process, index, children: [], open: false }));
const all = { index: -1, all: true, uses: [], children: [], open: true };
for (const node of nodes) {
  node.up = node.parent === null ? all : nodes[node.parent];
  node.up.children.push(node);
}
if (report.unattributed.length > 0) {
  const unknown = { index: nodes.length, pid: null, program: "", arguments: [], uses: report.unattributed, children: [], up: all };
  nodes.push(unknown);
  all.children.push(unknown);
}
const titleOf = (node) => {
  if (node.all) return "All processes";
  if (node.pid === null) return "It is not known which process";
  const [first = "", ...rest] = node.arguments;
  const program = (node.program || first).replace(/^.*\//s, "") || "process";
  return [program, ...rest].join(" ");
};
const deniedIn = (node) => node.uses.reduce((sum, use) => sum + (use.denied || 0) + (use.wouldDeny || 0), 0);
/* of a node and all below it */
function totals(node) {
  const stack = [node];
  const order = [];
  while (stack.length > 0) {
    const one = stack.pop();
    order.push(one);
    for (const child of one.children) stack.push(child);
  }
  for (const one of order.reverse()) {
    one.denied = deniedIn(one);
    one.size = 1;
    for (const child of one.children) { one.denied += child.denied; one.size += child.size; }
  }
}
totals(all);

/* the head of the page */
at("command").append(named(report.command.join(" ")));
document.title = plain(report.command.join(" ")).slice(0, 80) + " - what it did";
const calls = nodes.reduce((sum, { uses }) => sum + uses.reduce((part, use) => part + use.calls, 0), 0);
const names = nodes.reduce((sum, { uses }) => sum + uses.length, 0);
const ending = report.signal === null ? "Ended with status " + report.exit : "Ended by signal " + report.signal;
const known = report.processes.length;
const totalDenied = nodes.reduce((sum, node) => sum + node.uses.reduce((part, use) => part + (use.denied || 0), 0), 0);
at("outcome").append(
  ending + ". " + many(known, "process", "processes") + ", " + many(calls, "call") + " on " + many(names, "name") + ". ",
  make("span", totalDenied > 0 ? "bad" : "", totalDenied > 0 ? many(totalDenied, "call") + " denied." : "Nothing was denied."),
);
const { unclear, notKept, lines } = report.lost;
const lost = [
  [unclear, "call", "without a name that could be read"],
  [notKept, "call", "on more names than are kept"],
  [lines, "line", "of the log not written"],
].filter(([count]) => count > 0).map(([count, one, what]) => many(count, one) + " " + what);
if (lost.length > 0) at("outcome").append(make("span", "warn", " Not in this report: " + lost.join(", ") + "."));

/* why, and what would allow it */
function reasonOf(policy, list) {
  const done = policy.denied ? "denied" : "would be denied";
  const box = make("div", "list", make("strong", "", list.list + " of "), named(policy.policy), make("span", "soft", " at "), named(list.at), ": " + many(list.calls, "call") + " " + done);
  const rows = make("div");
  inSteps(rows, list.names, (one) => make("div", "use", named(one.name), make("span", "soft", one.call + " by ", named(one.programs.join(", ")), one.calls > 1 ? ", " + number(one.calls) + " times" : "")), FIRST_NAMES);
  box.append(rows);
  if (list.add.length > 0) {
    const line = make("p", "", "To allow it, add to " + list.list + ": ");
    list.add.forEach((entry, i) => line.append(i > 0 ? ", " : "", named(entry)));
    box.append(line);
  }
  for (const one of list.notProposed.slice(0, STEP)) box.append(make("p", "soft", "No entry is proposed for ", named(one.name), ": " + one.why));
  return box;
}
const reasons = report.policies.flatMap((policy) => policy.lists.map((list) => reasonOf(policy, list)));
const inPolicies = new Set(report.policies.map(({ policy }) => policy));
for (const rule of report.rules)
  if (!inPolicies.has(rule.rule.split(".")[0]) && rule.actions.some((action) => action !== "LOG" && action !== "COUNT"))
    reasons.push(make("div", "list", make("strong", "", "rule "), named(rule.rule), make("span", "soft", " at "), named(rule.at), ": " + many(rule.matched, "call") + ", " + rule.actions.join(" ")));
if (reasons.length > 0) {
  at("denied").hidden = false;
  at("denied-title").textContent = report.policies.some(({ denied }) => !denied) && totalDenied === 0 ? "Would be denied" : "Denied";
  at("reasons").append(...reasons);
}

/* what is looked at */
let chosen = all;
let wanted = "";
let deniedOnly = false;
const pressed = new Set();

const isDenied = (use) => (use.denied || 0) + (use.wouldDeny || 0) > 0;
function below(node) {
  const found = [];
  const stack = [node];
  while (stack.length > 0) {
    const one = stack.pop();
    if (!one.all) found.push(one);
    for (let i = one.children.length - 1; i >= 0; i--) stack.push(one.children[i]);
  }
  return found;
}
function isWanted(use, node) {
  if (pressed.size > 0 && !pressed.has(use.kind)) return false;
  if (deniedOnly && !isDenied(use)) return false;
  return wanted === "" || node.isFound || use.name.toLowerCase().includes(wanted) || (use.to || "").toLowerCase().includes(wanted);
}
/* by kind; the same name of several processes is one row */
function rowsOf(node) {
  const byKind = new Map(kinds.map((kind) => [kind, new Map()]));
  for (const one of below(node)) {
    one.isFound = wanted !== "" && (titleOf(one) + " " + one.program).toLowerCase().includes(wanted);
    for (const use of one.uses) {
      if (!isWanted(use, one)) continue;
      const rows = byKind.get(use.kind);
      const key = use.to === undefined ? use.name : use.name + "\0" + use.to;
      let row = rows.get(key);
      if (row === undefined) {
        row = { use, calls: 0, denied: 0, wouldDeny: 0, by: new Set(), who: [] };
        rows.set(key, row);
      }
      row.calls += use.calls;
      row.denied += use.denied || 0;
      row.wouldDeny += use.wouldDeny || 0;
      for (const rule of use.by || []) row.by.add(rule);
      row.who.push(one);
    }
  }
  return byKind;
}
function whoOf(node) {
  const who = button("", () => { choose(node, true); at("uses-title").focus(); }, "who");
  who.append(named(titleOf(node).slice(0, 60)), node.pid === null ? "" : " " + node.pid);
  return who;
}
function drawRow(row) {
  const { use } = row;
  const left = make("div", "", named(use.name));
  if (use.to !== undefined) left.append(" to ", named(use.to));
  if (row.denied > 0) left.append(" ", make("span", "bad", "denied"));
  if (row.wouldDeny > 0) left.append(" ", make("span", "warn", "would be denied"));
  if (row.by.size > 0) left.append(make("span", "soft", " by "), named([...row.by].join(", ")));
  const right = make("div", "soft");
  if (row.calls > 1) right.append(number(row.calls) + " times ");
  const [first, ...others] = row.who;
  if (chosen.all || others.length > 0 || first !== chosen) right.append(whoOf(first));
  if (others.length > 0) {
    const more = button("and " + many(others.length, "more"), () => { more.replaceWith(...others.slice(0, STEP).map(whoOf)); }, "who");
    more.textContent = "and " + number(others.length) + " more";
    right.append(" ", more);
  }
  return make("div", "use", left, right);
}
function drawUses() {
  const byKind = rowsOf(chosen);
  const target = at("uses");
  const parts = [];
  let total = 0;
  for (const kind of kinds) {
    const rows = [...byKind.get(kind).values()];
    if (rows.length === 0) continue;
    total += rows.length;
    rows.sort((a, b) => Number(isDenied(b)) - Number(isDenied(a)) || (a.use.name < b.use.name ? -1 : 1));
    const list = make("div");
    inSteps(list, rows, drawRow);
    parts.push(make("h3", "", TITLES[kind] + " (" + number(rows.length) + ")"), list);
  }
  if (parts.length === 0) parts.push(make("p", "soft", wanted === "" && !deniedOnly && pressed.size === 0 ? "Nothing was seen." : "Nothing fits."));
  target.replaceChildren(...parts);
  at("status").textContent = many(total, "name") + " shown";
}
function drawAbout() {
  const title = at("uses-title");
  title.replaceChildren(chosen.all ? "All processes" : named(titleOf(chosen)));
  const about = at("about");
  about.replaceChildren();
  if (chosen.all || chosen.pid === null) return;
  about.append("Process " + chosen.pid);
  if (chosen.program !== "") about.append(", ", named(chosen.program));
  about.append(", began at " + chosen.beganMs / 1000 + " s");
  if (chosen.exit !== null) about.append(", ended at " + chosen.endedMs / 1000 + " s with status " + chosen.exit);
  else about.append(", its end was not seen");
  if (chosen.children.length > 0) about.append(". What it started is shown, too: " + many(chosen.size - 1, "process", "processes"));
}

/* the tree */
function itemOf(node) {
  const item = make("div");
  item.setAttribute("role", "treeitem");
  item.tabIndex = node === chosen ? 0 : -1;
  item.setAttribute("aria-selected", String(node === chosen));
  node.item = item;
  const title = titleOf(node);
  const row = make("div", "row", make("span", "mark", ""), named(title.slice(0, LONGEST_ROW)));
  if (node.denied > 0) row.append(make("span", "bad", number(node.denied) + " denied"));
  row.append(make("span", "count", node.all ? number(node.size - 1) : node.pid === null ? "" : String(node.pid)));
  row.addEventListener("click", (event) => {
    if (event.target.className === "mark" && node.children.length > 0) unfold(node, !node.open);
    choose(node, true);
  });
  item.append(row);
  item.setAttribute("aria-label", plain(title.slice(0, LONGEST_ROW)) + (node.denied > 0 ? ", " + node.denied + " denied" : ""));
  if (node.children.length > 0) unfold(node, node.open);
  return item;
}
function unfold(node, open) {
  node.open = open;
  node.item.setAttribute("aria-expanded", String(open));
  node.item.firstChild.firstChild.textContent = open ? "▾" : "▸";
  if (node.group === undefined && open) {
    node.group = make("div");
    node.group.setAttribute("role", "group");
    inSteps(node.group, node.children, itemOf);
    node.item.append(node.group);
  }
  if (node.group !== undefined) node.group.hidden = !open;
}
/* makes the item of a node that is deep or late in its list */
function reveal(node) {
  if (node.up !== undefined) {
    reveal(node.up);
    if (!node.up.open) unfold(node.up, true);
    while (node.item === undefined) node.up.group.lastElementChild.click();
  }
  return node.item;
}
function choose(node, hasFocus) {
  for (const one of [chosen, node]) {
    const item = reveal(one);
    item.tabIndex = one === node ? 0 : -1;
    item.setAttribute("aria-selected", String(one === node));
  }
  const isNew = chosen !== node;
  chosen = node;
  if (hasFocus) {
    node.item.focus({ preventScroll: true });
    node.item.firstChild.scrollIntoView({ block: "nearest" });
  }
  if (isNew) { drawAbout(); drawUses(); }
}
const visible = () => [...at("tree").querySelectorAll("[role=treeitem]")].filter((item) => item.offsetParent !== null);
const nodeOf = new WeakMap();
at("tree").addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.getAttribute("role") !== "treeitem") return;
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 }[event.key];
  let next;
  if (step !== undefined || event.key === "Home" || event.key === "End") {
    const items = visible();
    const place = items.indexOf(chosen.item);
    const to = event.key === "Home" ? 0 : event.key === "End" ? items.length - 1 : place + step;
    next = items[Math.max(0, Math.min(items.length - 1, to))];
  } else if (event.key === "ArrowRight" && chosen.children.length > 0) {
    if (!chosen.open) unfold(chosen, true);
    else next = chosen.children[0].item;
  } else if (event.key === "ArrowLeft") {
    if (chosen.open && chosen.children.length > 0) unfold(chosen, false);
    else next = chosen.up?.item;
  } else if (event.key === "Enter" || event.key === " ") {
    at("uses-title").focus();
  } else return;
  event.preventDefault();
  if (next) choose(find(next), true);
});
function find(item) {
  if (nodeOf.has(item)) return nodeOf.get(item);
  for (const node of [all, ...nodes]) if (node.item !== undefined) nodeOf.set(node.item, node);
  return nodeOf.get(item);
}

/* searching, and kinds */
let waiting;
at("search").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => { wanted = at("search").value.toLowerCase(); drawUses(); }, 80);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && at("search").value !== "") {
    at("search").value = "";
    wanted = "";
    drawUses();
  }
  if (event.key !== "/" || event.target === at("search")) return;
  event.preventDefault();
  at("search").focus();
});
function toggle(text, isOn, act) {
  const made = button(text, () => { act(); made.setAttribute("aria-pressed", String(isOn())); drawUses(); });
  made.setAttribute("aria-pressed", String(isOn()));
  return made;
}
if (all.denied > 0) at("kinds").append(toggle("Denied", () => deniedOnly, () => { deniedOnly = !deniedOnly; }));
for (const kind of kinds)
  if (nodes.some(({ uses }) => uses.some((use) => use.kind === kind)))
    at("kinds").append(toggle(TITLES[kind], () => pressed.has(kind), () => { if (!pressed.delete(kind)) pressed.add(kind); }));

/* as many levels as fit */
let left = FIRST_NODES;
for (let level = [all]; level.length > 0; ) {
  const next = level.flatMap((node) => node.children);
  if (next.length > left) break;
  for (const node of level) node.open = true;
  left -= next.length;
  level = next;
}
at("tree").append(itemOf(all));
drawAbout();
drawUses();
`;
