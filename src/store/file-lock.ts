/**
 * One process per store file, and no lock left behind by a killed one. Node.js cannot lock files, but a local socket
 * listens exactly as long as its process lives. Each candidate listens under a name of its own beside the file and then
 * looks for others: whoever does not answer is dead, and his name, never used again, can be removed by anybody. Two that
 * come at once see each other, so at most one goes on. Works across containers that share the folder.
 */
import { createHash, randomBytes, randomInt } from "node:crypto";
import { readdirSync, realpathSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { DlmsError } from "../core/errors.js";
import { systemClock } from "../transport/clock.js";

/** Longest path of a local socket that every system takes, in octets. */
const SOCKET_PATH_BYTES = 100;
const TRIES = 4;
const ANSWER_MS = 1_000;

interface Place {
  readonly folder: string;
  readonly prefix: string;
}

export class FileLock {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @throws DlmsError STORE_LOCKED when another holds it; the system's error when nothing can be made there. */
  static async acquire(file: string): Promise<FileLock> {
    for (let tries = 1; ; tries += 1) {
      const server = await tryOnce(file);
      if (server !== undefined) return new FileLock(server);
      if (tries === TRIES) throw new DlmsError("STORE_LOCKED");
      await new Promise<void>((wake) => systemClock.at(systemClock.now() + randomInt(10, 80), wake));
    }
  }

  release(): Promise<void> {
    return closed(this.#server);
  }
}

async function tryOnce(file: string): Promise<Server | undefined> {
  const real = join(realpathSync(dirname(file)), basename(file));
  if (process.platform === "win32") return listen(`\\\\.\\pipe\\dlms-store-${hash(real)}`, true);
  const beside: Place = { folder: dirname(real), prefix: `${basename(real)}-lock-` };
  const server = await listenAt(beside);
  if (server !== "unable") return server;
  const elsewhere = await listenAt({ folder: tmpdir(), prefix: `dlms-store-${hash(real)}-lock-` });
  if (elsewhere === "unable")
    throw new DlmsError("STORE_FAILED", "No lock can be made for the store's file.");
  return elsewhere;
}

/** `unable`: the path is too long, or the file system knows no sockets. */
async function listenAt({ folder, prefix }: Place): Promise<Server | undefined | "unable"> {
  const own = `${prefix}${randomBytes(6).toString("hex")}`;
  const path = join(folder, own);
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES) return "unable";
  let server: Server | undefined;
  try {
    server = await listen(path);
  } catch (caught) {
    if (noSockets.has(String((caught as NodeJS.ErrnoException).code))) return "unable";
    throw caught;
  }
  if (server === undefined) return undefined;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix) || name === own) continue;
    if (await answers(join(folder, name))) {
      await closed(server);
      return undefined;
    }
    rmSync(join(folder, name), { force: true });
  }
  return server;
}

const noSockets: ReadonlySet<string> = new Set(["EPERM", "EOPNOTSUPP", "ENOTSUP", "EINVAL"]);

/** @param taken a name in use means locked, as with a name that all candidates share. */
function listen(path: string, taken = false): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (taken && (error.code === "EADDRINUSE" || error.code === "EACCES")) resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => resolve(server));
  });
}

/** Only a refused connection tells that nobody is there any more. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (alive: boolean): void => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(ANSWER_MS, () => end(true));
    socket.once("connect", () => end(true));
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      end(code !== "ECONNREFUSED" && code !== "ENOENT"),
    );
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 24);
}
