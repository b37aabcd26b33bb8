export { Btf, type MemberLocation, type Parameter } from "./btf.ts";
export { type StorageBtf, writeStorageBtf } from "./storage-btf.ts";
export { BtfError } from "./type-table.ts";
export { BtfWriter, type MemberSpec } from "./writer.ts";
