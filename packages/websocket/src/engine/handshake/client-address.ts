import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv4 } from "node:net";
import type { Duplex } from "node:stream";
import { isAuthority } from "./request-check";

/** A request as its client made it, whatever proxies lie between. */
export interface Client {
  readonly scheme: "http" | "https";
  /** With a port where it is not the default one of the scheme. */
  readonly host: string;
  readonly address: string | undefined;
  /** Whether a proxy named the address: then the socket's port is not the client's. */
  readonly isForwarded: boolean;
}

/** Some proxies write the port of the client too. */
const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+):\d+|\[([^\]]*)\](?::\d+)?)$/;
const NETWORK = /^([^/]+)\/(\d{1,3})$/;
const SCHEMES: ReadonlyMap<string, "http" | "https"> = new Map([
  ["http", "http"],
  ["ws", "http"],
  ["https", "https"],
  ["wss", "https"],
]);

/** `trusted` is `null` where no proxy is; `invalid` are the entries that are no address and no network. */
export function compileTrustedProxies(entries: readonly string[]): {
  readonly trusted: BlockList | null;
  readonly invalid: readonly string[];
} {
  const trusted = new BlockList();
  const invalid = entries.filter((entry) => !addEntry(trusted, entry));
  return { trusted: entries.length === 0 ? null : trusted, invalid };
}

/** The client of an upgrade whose `Host` was found in order. */
export function clientOf(request: IncomingMessage, socket: Duplex, trusted: BlockList | null): Client {
  const { remoteAddress: peer, encrypted } = socket as { remoteAddress?: string; encrypted?: boolean };
  const scheme = encrypted === true ? "https" : "http";
  const host = request.headers.host!;
  if (trusted === null || peer === undefined || !isTrusted(trusted, peer)) {
    return { scheme, host, address: peer, isForwarded: false };
  }
  const { address, isForwarded, hops } = walkBack(trusted, peer, valueOf(request, "x-forwarded-for"));
  const told = (name: string): string | undefined => writtenAt(hops, valueOf(request, name));
  return {
    scheme: SCHEMES.get(told("x-forwarded-proto")?.toLowerCase() ?? "") ?? scheme,
    host: hostOf(told("x-forwarded-host"), host, told("x-forwarded-port")),
    address,
    isForwarded,
  };
}

/** The address alone, of a request whose `Host` may be anything. */
export function clientAddressOf(
  request: IncomingMessage,
  socket: Duplex,
  trusted: BlockList | null,
): string | undefined {
  const { remoteAddress: peer } = socket as { remoteAddress?: string };
  if (trusted === null || peer === undefined || !isTrusted(trusted, peer)) return peer;
  return walkBack(trusted, peer, valueOf(request, "x-forwarded-for")).address;
}

/** Each proxy has added whom it was called by, so the list is true from the right up to the first one not trusted. */
function walkBack(
  trusted: BlockList,
  peer: string,
  chain: string | undefined,
): { readonly address: string; readonly isForwarded: boolean; readonly hops: number } {
  let address = peer;
  let hops = 1;
  for (const element of chain?.split(",").reverse() ?? []) {
    const earlier = addressIn(element.trim());
    if (earlier === undefined) break;
    address = earlier;
    if (!isTrusted(trusted, earlier)) return { address, isForwarded: true, hops };
    hops += 1;
  }
  return { address, isForwarded: hops > 1, hops };
}

/** The element of a list that the outermost of so many trusted proxies wrote, if each has added one. */
function writtenAt(hops: number, list: string | undefined): string | undefined {
  const elements = list?.split(",");
  return elements?.[Math.max(0, elements.length - hops)]?.trim();
}

function hostOf(forwarded: string | undefined, own: string, port: string | undefined): string {
  const host = isAuthority(forwarded) ? forwarded : own;
  if (/:\d+$/.test(host) || !isPort(port)) return host;
  return `${host.replace(/:$/, "")}:${port}`;
}

function isPort(text: string | undefined): text is string {
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

/** The lines of one name are one list: Node joins those of headers that it does not know. */
function valueOf(request: IncomingMessage, name: string): string | undefined {
  return request.headers[name] as string | undefined;
}

function addressIn(element: string): string | undefined {
  const match = WITH_PORT.exec(element);
  const address = match === null ? element : (match[1] ?? match[2]!);
  // A zone means something on the machine only that wrote it.
  return isIP(address) === 0 || address.includes("%") ? undefined : address;
}

function isTrusted(trusted: BlockList, address: string): boolean {
  const [withoutZone = ""] = address.split("%", 1);
  // An IPv4 address that IPv6 wraps is found among both.
  return trusted.check(withoutZone, familyOf(withoutZone));
}

function addEntry(trusted: BlockList, entry: string): boolean {
  const [, network, length] = NETWORK.exec(entry) ?? [];
  const address = network ?? entry;
  if (isIP(address) === 0 || address.includes("%")) return false;
  const family = familyOf(address);
  if (length === undefined) trusted.addAddress(address, family);
  else if (Number(length) > (family === "ipv4" ? 32 : 128)) return false;
  else trusted.addSubnet(address, Number(length), family);
  return true;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}
