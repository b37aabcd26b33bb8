/**
 * Objects in which names from outside are looked up, such as those of rule text: `constructor` and its like, which every
 * other object has, are not among theirs. `test/tables.test.ts` finds look-ups in anything else.
 */
declare const IS_TABLE: unique symbol;

export interface Table<T> {
  readonly [name: string]: T;
  readonly [IS_TABLE]: true;
}

export function table<const T>(entries: Readonly<Record<string, T>>): Table<T> {
  return Object.assign(Object.create(null), entries) as Table<T>;
}
