import { serveTasks } from "../../support/worker_tasks.ts";
import type { CarSection } from "../formats/trec_car_write.ts";
import { readDocument } from "./read_document.ts";

/** Reads the document of a path; null is answered once the thread has started. */
serveTasks<string | null, CarSection | null>((file) => ({ result: file === null ? null : readDocument(file) }));
