/**
 * Characters that show nothing, or make what is around them show as something else: controls, line separators,
 * bidirectional and invisible formatting, tags, fillers, spaces other than the usual one, halves of surrogate pairs.
 * Text of strangers never brings one of them to a terminal or a viewer as it is.
 */
const CLASS = String.raw`\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000`;

/** Each such character of a text; a surrogate pair is one character. */
export const INVISIBLE = new RegExp(`[${CLASS}]`, "gu");

const ONE = new RegExp(`^[${CLASS}]$`, "u");
const PAGE_BITS = 8;
/** Answers by the upper bits of code points, found out when one of them is asked for. */
const pages = new Map<number, readonly boolean[]>();

export function isInvisible(codePoint: number): boolean {
  const number = codePoint >> PAGE_BITS;
  let page = pages.get(number);
  if (page === undefined) {
    const first = number << PAGE_BITS;
    page = Array.from({ length: 1 << PAGE_BITS }, (_, i) =>
      ONE.test(String.fromCodePoint(first + i)),
    );
    pages.set(number, page);
  }
  return page[codePoint - (number << PAGE_BITS)] ?? true;
}
