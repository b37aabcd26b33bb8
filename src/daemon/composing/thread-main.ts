/** The thread that reads rule texts: does one job, answers and ends. Events and commands do not wait for it. */
import { parentPort, workerData } from "node:worker_threads";
import { stepBack } from "../../sys/index.ts";
import { type Job, workOn } from "./job.ts";

stepBack();
parentPort?.postMessage(workOn(workerData as Job));
