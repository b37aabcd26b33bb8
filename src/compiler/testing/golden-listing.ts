/** A part of a compiled program beside its file in test/listings, which UPDATE_GOLDEN=1 writes. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { disassemble } from "../../bpf/asm/index.ts";
import type { CompiledProgram } from "../programs/attachment.ts";
import { partOfListing } from "./listing.ts";

const MOST_INSTRUCTIONS = 40;
const isUpdate = process.env["UPDATE_GOLDEN"] === "1" && process.env["CI"] === undefined;

interface GoldenListing {
  /** Of the file. */
  readonly name: string;
  /** Text of the rules. */
  readonly rules: string;
  readonly program: CompiledProgram | undefined;
  /** Labels without numbers: where the part begins and where it ends. */
  readonly from: string;
  readonly to: string;
}

/** The part is that of the file, and short enough to be read. */
export function assertListing({ name, rules, program, from, to }: GoldenListing): void {
  assert.ok(program);
  const part = partOfListing(disassemble(program.code), from, to);
  const listing = `${rules}\n\n${part.text}`;
  const file = new URL(`../../../test/listings/${name}.txt`, import.meta.url);
  if (isUpdate) writeFileSync(file, listing);
  assert.equal(listing, readFileSync(file, "utf8"));
  assert.ok(part.instructions <= MOST_INSTRUCTIONS, `${part.instructions} instructions`);
}
