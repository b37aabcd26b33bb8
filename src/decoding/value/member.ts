/** Structs that are printed by code, since what they show depends on what is in them. */
import type { StructField } from "../../language/vocabulary.ts";
import { fieldsOf } from "../../linux/index.ts";
import type { Decoding } from "../context.ts";
import type { Show } from "../piece.ts";
import { type MemoryForm, readBig, readNumber } from "./form.ts";
import { showOfType, showOfWord } from "./meaning.ts";

/** One struct while it is printed. */
export class StructText {
  readonly #call: Decoding;
  readonly #bytes: Uint8Array;
  readonly #layout: string;
  readonly #fields: ReadonlyMap<string, StructField> | undefined;
  #text = "{";

  constructor(call: Decoding, bytes: Uint8Array, layout: string) {
    this.#call = call;
    this.#bytes = bytes;
    this.#layout = layout;
    this.#fields = fieldsOf(layout, call.abi);
  }

  /** Value of a member. Throws where the layout has none of that name. */
  value(name: string): bigint {
    const field = this.#field(name);
    const { size, signed } = field.type;
    return field.bigEndian
      ? BigInt(readBig(this.#bytes, field.offset, size))
      : readNumber(this.#bytes, field.offset, size, signed);
  }

  /** `name=value`, in the words of `show`, of a meaning, or as the layout says. */
  add(name: string, show?: Show | string): this {
    const own = typeof show === "string" ? showOfWord(show) : show;
    const print = own ?? showOfType(this.#field(name).type);
    return this.addText(name, print(this.#call, this.value(name)));
  }

  addText(name: string, text: string): this {
    this.#text += `${this.#text === "{" ? "" : ", "}${name}=${text}`;
    return this;
  }

  /** Without a name: `...`. */
  addBare(text: string): this {
    this.#text += `${this.#text === "{" ? "" : ", "}${text}`;
    return this;
  }

  end(): string {
    return `${this.#text}}`;
  }

  #field(name: string): StructField {
    const field = this.#fields?.get(name);
    if (field === undefined) throw new Error(`struct ${this.#layout} has no member ${name}`);
    return field;
  }
}

/** A struct of so many bytes that code prints. */
export function codedForm(
  layout: string,
  size: number | ((call: Decoding) => number),
  print: (call: Decoding, text: StructText, bytes: Uint8Array) => string,
): MemoryForm {
  return {
    size: typeof size === "number" ? () => size : size,
    format: (call, bytes) => print(call, new StructText(call, bytes, layout), bytes),
  };
}
