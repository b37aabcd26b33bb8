/** Equal texts that are made again and again are kept once. Looking one up also makes one piece of joined text. */

/** When there are more than this, all are dropped: nobody may depend on which object it is. */
const MOST = 4096;

/** Gives a function that returns the same object for equal texts, as long as there are not too many. */
export function interner(): (text: string) => string {
  const kept = new Map<string, string>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    if (kept.size >= MOST) kept.clear();
    kept.set(text, text);
    return text;
  };
}
