/**
 * The thread that owns the store's file; a build entry of its own. One batch of requests, one transaction, one message
 * with all replies; meanwhile the next batch gathers on the other side.
 */
import { parentPort, workerData } from "node:worker_threads";
import { asDlmsError, type DlmsError } from "../core/errors.js";
import { defaultEngine } from "./database.js";
import { storeError } from "./failures.js";
import { GroupCommit } from "./group-commit.js";
import { MEMORY, openFile, type OpenedFile } from "./open-file.js";
import { operationsOn } from "./operations.js";
import { plainError, type FromWorker, type ToWorker, type WorkerStart } from "./protocol.js";

async function serve(port: NonNullable<typeof parentPort>, start: WorkerStart): Promise<void> {
  const say = (message: FromWorker): void => port.postMessage(message);
  const end = (error?: DlmsError): void => {
    say({ type: "closed", ...(error === undefined ? {} : { error: plainError(error) }) });
    port.close();
  };
  let opened: OpenedFile;
  try {
    opened = await openFile(start.file, start.engine ?? defaultEngine(), start.limits);
  } catch (caught) {
    end(storeError(caught, start.file));
    return;
  }
  const { database, session } = opened;
  const group = new GroupCommit(database, start.file, (counts) =>
    operationsOn({ database, session, limits: start.limits }, start.file !== MEMORY, counts),
  );
  port.on("message", (message: ToWorker) => {
    if (message.type === "close") {
      opened.close().then(
        () => end(),
        (caught: unknown) => end(storeError(caught, start.file)),
      );
      return;
    }
    const replies = group.run(message.requests);
    const { failure } = group;
    say({ type: "replies", replies, ...(failure === undefined ? {} : { failure: plainError(failure) }) });
  });
  say({ type: "opened" });
}

const port = parentPort;
if (port !== null)
  serve(port, workerData as WorkerStart).catch((caught: unknown) => {
    // Nothing is left that could answer: the other side sees the thread end.
    port.close();
    throw asDlmsError(caught);
  });
