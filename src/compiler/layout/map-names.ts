/** Names of the maps that programs share. */
export const MapName = {
  events: "sct_events",
  sequence: "sct_sequence",
  counters: "sct_counters",
  rareCounters: "sct_rare",
  areas: "sct_areas",
  limits: "sct_limits",
  automata: "sct_automata",
  identities: "sct_identities",
  names: "sct_names",
  inode: "sct_inode",
  control: "sct_control",
  turns: "sct_turns",
  suspended: "sct_suspended",
  closed: "sct_closed",
  closedAny: "sct_closed_any",
  input: "sct_input",
} as const;
