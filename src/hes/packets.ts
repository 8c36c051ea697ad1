/**
 * Packets of the Socket.IO protocol as the backend sent them: the client library takes their form for granted and fails
 * outside of every handler when one lacks its data. Those are let fall before it sees them.
 */
import { type Manager } from "socket.io-client";

/** As the parser hands it on. */
interface Packet {
  readonly type: number;
  nsp: string;
  readonly data?: unknown;
}

const EVENT = 2;
const ACK = 3;
const CONNECT_ERROR = 4;
const BINARY_EVENT = 5;
const BINARY_ACK = 6;
/** Of no socket. */
const NOWHERE = "";

/**
 * Must be called before the manager's sockets begin to listen.
 * @param onOdd hears of each packet that was let fall.
 */
export function dropOddPackets(manager: Manager, onOdd: () => void): void {
  manager.on("packet", (packet: Packet) => {
    if (hasForm(packet)) return;
    packet.nsp = NOWHERE;
    onOdd();
  });
}

function hasForm({ type, data }: Packet): boolean {
  switch (type) {
    case EVENT:
    case BINARY_EVENT:
      return Array.isArray(data) && typeof data[0] === "string";
    case ACK:
    case BINARY_ACK:
      return Array.isArray(data);
    case CONNECT_ERROR:
      return data !== undefined && data !== null;
    default:
      return true;
  }
}
