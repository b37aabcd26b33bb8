/** What a policy allows, resolved: rules follow from it, and so does what Landlock holds. */
import type { Span } from "../../base/span.ts";

/** What a policy has lists for. */
export type PolicyRight =
  | "read"
  | "write"
  | "execute"
  | "attributes"
  | "connect"
  | "listen"
  | "unix";

/** A member of a list of files. The last one that fits a file decides; none: it is denied. */
export interface AllowedFile {
  readonly negated: boolean;
  /** One name, a folder with all that is below it, or any other pattern. */
  readonly form: "name" | "below" | "pattern";
  /** Bytes: a name or pattern as written; of `below` the folder, without `/**`. */
  readonly text: Uint8Array;
  readonly span: Span;
}

/** A member of a list of addresses. */
export interface AllowedAddress {
  readonly negated: boolean;
  /** `10.0.0.0/8`; absent: any. */
  readonly network?: string;
  /** Absent: any. */
  readonly port?: number;
  readonly span: Span;
}

/** A name in the list `connect`, which is decided where connections are made by name. The last one that fits decides. */
export interface AllowedHost {
  readonly negated: boolean;
  /** In lower case; of `*.example.org` what stands behind `*.`. */
  readonly name: string;
  /** All names below it, and not itself. */
  readonly below: boolean;
  /** Absent: any. */
  readonly port?: number;
}

/** What is decided of a right by one rule. */
export type PolicyAspect =
  /** Opening files, executing them, sending to addresses: the right itself. */
  | "use"
  | "truncate"
  /** Names that appear and go: mkdir, unlink, rename … */
  | "names"
  | "attributes"
  | "network";

/** The part of a policy that a rule stands for. */
export interface PolicyPart {
  readonly policy: string;
  readonly right: PolicyRight;
  readonly aspect: PolicyAspect;
  /** Of `read`, `write`, `execute`, `attributes` and `unix`. */
  readonly files: readonly AllowedFile[];
  /** Of `connect` and `listen`. */
  readonly addresses: readonly AllowedAddress[];
  /** Of `connect`. */
  readonly hosts: readonly AllowedHost[];
  /** The list in the policy. */
  readonly list: Span;
}
