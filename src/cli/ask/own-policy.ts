/** With --ask, the command writes no permissions for its next run: neither into the user's folder nor into the files of its rules. */
import { dirname } from "node:path";
import { literalGlob, quotedText } from "../../language/index.ts";

const OWN = "sct_ask";

/** A rule of the text below: nobody is asked about it. */
export const isOwnRule = ({ name }: { readonly name: string }): boolean =>
  name.startsWith(`${OWN}.`);

/** `folder`: what the user has decided; `files`: those that rules are read from. All absolute and resolved. */
export function ownPolicyText(folder: string, files: readonly string[]): string {
  const own = [`${literalGlob(folder)}{,/**}`, ...files.map((name) => `${literalGlob(name)}{,}`)];
  const taken = own.map((pattern) => `not ${quotedText(pattern)}`);
  // a program that moves a folder above them writes there under another name
  const above = [...new Set([folder, ...files].flatMap(foldersAbove))].map(quotedText).join(", ");
  return `# sct: allow policy_leaves_open
policy ${OWN} { write { "/**", ${taken.join(", ")} } otherwise = FAIL EACCES }
# sct: allow left_open
rule {
  rule_name = ${OWN}.moves
  syscall_name = rename
  filter_expression { PATH[1] in (${above}) || PATH[2] in (${above}) }
  action { type = LOG log_format {%comm[%pid]: denied: %sname %path1 to %path2: permissions are there} }
  action { type = FAIL error_code = EACCES }
  continue = yes
}`;
}

function foldersAbove(name: string): readonly string[] {
  const parent = dirname(name);
  return parent === "/" || parent === name ? [] : [parent, ...foldersAbove(parent)];
}
