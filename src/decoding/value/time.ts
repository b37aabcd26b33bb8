/** Times: seconds with a fraction. `32` and `64` say how wide the seconds are, whatever the ABI. */
import { pointerTo } from "./form.ts";
import { showStruct, structForm } from "./struct.ts";

export const timespec64 = structForm("__kernel_timespec");
export const timespec32 = structForm("old_timespec32");
/** As wide as the ABI has it. */
export const timevalForm = structForm("__kernel_old_timeval");
export const showTimespec64 = pointerTo(timespec64);
export const showTimespec32 = pointerTo(timespec32);
export const showTimeval = pointerTo(timevalForm);
export const showItimerspec64 = showStruct("__kernel_itimerspec");
export const showItimerspec32 = showStruct("old_itimerspec32");
export const showItimerval = showStruct("__kernel_old_itimerval");
