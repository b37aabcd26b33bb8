/**
 * Files that no policy is proposed for: their users are reported first, and a person decides. Credentials in any way,
 * start files where they are written.
 */
import type { PolicyRight } from "../language/checked/index.ts";

interface Guarded {
  readonly about: "credentials" | "start files";
  /** Below a home directory. `/` at the end: all that is below the folder. */
  readonly inHome?: readonly string[];
  /** Whole names. */
  readonly absolute?: readonly string[];
  /** Names in any folder; `*` at either end stands for anything. */
  readonly anywhere?: readonly string[];
}

const GUARDED: readonly Guarded[] = [
  {
    about: "credentials",
    inHome: [
      ".ssh/",
      ".aws/",
      ".gnupg/",
      ".azure/",
      ".kube/",
      ".password-store/",
      ".config/gcloud/",
      ".config/gh/",
      ".config/glab-cli/",
      ".config/git/credentials",
      ".config/containers/auth.json",
      ".config/pip/pip.conf",
      ".docker/config.json",
      ".cargo/credentials",
      ".cargo/credentials.toml",
      ".gem/credentials",
      ".m2/settings.xml",
      ".gradle/gradle.properties",
      ".local/share/keyrings/",
      ".mozilla/",
      ".config/google-chrome/",
      ".config/chromium/",
      ".bash_history",
      ".zsh_history",
      ".pgpass",
      ".my.cnf",
      ".vault-token",
      ".terraform.d/credentials.tfrc.json",
    ],
    absolute: ["/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/krb5.keytab"],
    anywhere: [
      ".npmrc",
      ".yarnrc.yml",
      ".netrc",
      ".git-credentials",
      ".pypirc",
      ".env",
      ".env.*",
      "id_rsa",
      "id_dsa",
      "id_ecdsa",
      "id_ed25519",
      "*.pem",
      "*.key",
      "*.p12",
      "*.pfx",
      "*.kdbx",
    ],
  },
  {
    about: "start files",
    inHome: [
      ".bashrc",
      ".bash_profile",
      ".bash_login",
      ".bash_logout",
      ".profile",
      ".zshrc",
      ".zshenv",
      ".zprofile",
      ".gitconfig",
      ".config/autostart/",
      ".config/systemd/",
      ".config/fish/",
      ".config/git/",
    ],
    absolute: ["/etc/profile", "/etc/crontab", "/etc/ld.so.preload"],
  },
];

/** Installed for everybody, or a part of a package: no credentials there. */
const PUBLIC =
  /^\/(?:usr|lib|lib64|nix\/store|etc\/ssl\/certs|etc\/pki)\/|\/(?:node_modules|site-packages|dist-packages)\//;

/** Where users have their homes, besides the one of this user. */
export const HOMES: readonly string[] = ["/home/*", "/root"];

/** Why a use is not proposed; undefined: it may be. */
export function guardedAs(right: PolicyRight, name: string, home: string): string | undefined {
  const inHome = belowHome(name, home);
  const last = name.slice(name.lastIndexOf("/") + 1);
  const found = GUARDED.find((row) => {
    if (row.about === "start files" && right !== "write" && right !== "attributes") return false;
    if (row.absolute?.includes(name)) return true;
    if (inHome !== undefined && row.inHome?.some((one) => fits(inHome, one))) return true;
    return row.anywhere?.some((one) => fitsName(last, one)) === true && !PUBLIC.test(name);
  });
  return found?.about;
}

/** Names like those of credentials, in places where there are none: a list that takes credentials away must give them back. */
export function looksGuarded(name: string): boolean {
  const last = name.slice(name.lastIndexOf("/") + 1);
  return GUARDED.some(({ anywhere }) => anywhere?.some((one) => fitsName(last, one)));
}

/** Patterns of credentials in any folder, for a list of a policy. */
export const CREDENTIAL_PATTERNS: readonly string[] = GUARDED.flatMap(({ anywhere }) =>
  (anywhere ?? []).map((name) => `/**/${name}`),
);

/** Something guarded may lie below the folder of a home. */
export function holdsGuarded(folder: string, home: string): boolean {
  const inHome = belowHome(folder, home);
  if (inHome === undefined) return false;
  return GUARDED.some((row) => row.inHome?.some((one) => one.startsWith(`${inHome}/`)));
}

/** The part of the name behind the home directory that it lies in. */
export function belowHome(name: string, home: string): string | undefined {
  if (home !== "/" && name.startsWith(`${home}/`)) return name.slice(home.length + 1);
  return /^\/(?:home\/[^/]+|root)\/(.+)$/s.exec(name)?.[1];
}

function fits(name: string, one: string): boolean {
  return one.endsWith("/") ? `${name}/`.startsWith(one) : name === one;
}

function fitsName(name: string, pattern: string): boolean {
  if (pattern.startsWith("*")) return name.endsWith(pattern.slice(1));
  if (pattern.endsWith("*")) return name.startsWith(pattern.slice(0, -1));
  return name === pattern;
}
