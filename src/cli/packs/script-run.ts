/** The part of `sct run --pack` that one install script is: it reports into files that the part before it reads. */

/** Set for it alone: where lines go that sct says itself. */
export const NOTICES = "SCT_NOTICES";

export const isScriptRun = (): boolean => process.env[NOTICES] !== undefined;
