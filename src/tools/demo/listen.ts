/** Opens the demo backend's port, or says by name why not. */
import { type Server as HttpServer } from "node:http";
import { DlmsError } from "../../core/errors.js";

/** @throws DlmsError PORT_IN_USE naming the port; LISTEN_FAILED. */
export function listen(server: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      reject(
        new DlmsError(
          taken ? "PORT_IN_USE" : "LISTEN_FAILED",
          taken
            ? `Port ${port} is taken by another program.`
            : `The demo backend cannot listen on ${host}:${port} (${error.code ?? "error"}).`,
          { field: "port", detail: { port } },
        ),
      );
    });
    server.listen({ port, host, exclusive: true }, resolve);
  });
}

/** A browser names the page a connection comes from; pages of other origins may not command meters. */
export function sameOrigin(
  request: { headers: { origin?: string; host?: string } },
  callback: (error: string | null, allowed: boolean) => void,
): void {
  const { origin, host } = request.headers;
  callback(null, origin === undefined || (URL.canParse(origin) && new URL(origin).host === host));
}
