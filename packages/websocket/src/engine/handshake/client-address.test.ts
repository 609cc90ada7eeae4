import { IncomingMessage } from "node:http";
import { isIP, Socket } from "node:net";
import fc from "fast-check";
import { clientOf, compileTrustedProxies } from "./client-address";

const { trusted } = compileTrustedProxies(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);

class PeerSocket extends Socket {
  readonly encrypted: boolean;

  constructor(
    override readonly remoteAddress: string = "127.0.0.1",
    isEncrypted = false,
  ) {
    super();
    this.encrypted = isEncrypted;
  }
}

function requestOn(socket: Socket, headers: IncomingMessage["headers"]): IncomingMessage {
  const request = new IncomingMessage(socket);
  request.headers = { host: "inside:8080", ...headers };
  return request;
}

const piece = fc.constantFrom(
  ...["203.0.113.7", "10.1.2.3", "::1", "fd00::1", "[::1]", "[::1]:80", "https", "wss", "chat.example"],
  ...["chat.example:8443", "chat.example:", ":80", "443", "0", "70000", "unknown", "%", "/", "@", " ", ""],
);
const list = fc.oneof(
  fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(", ")),
  fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join("")),
  fc.string(),
);
const names = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port"];

it("whatever the headers say, the client has a URL and an address", () => {
  const property = fc.property(fc.array(list, { minLength: 4, maxLength: 4 }), (values) => {
    const socket = new PeerSocket();
    const headers = Object.fromEntries(names.map((name, index) => [name, values[index]]));
    const request = requestOn(socket, headers);
    const { scheme, host, address, isForwarded } = clientOf(request, socket, trusted);
    const url = new URL(`${scheme}://${host}/ws`);
    expect(url.pathname).toBe("/ws");
    expect(url.username).toBe("");
    expect(isIP(address!)).toBeGreaterThan(0);
    expect(isForwarded).toBe(address !== "127.0.0.1");
  });
  fc.assert(property, { numRuns: 2000 });
});

it.each([
  ["ws", "http"],
  ["http", "http"],
  ["wss", "https"],
  [undefined, "https"],
])("a proxy that comes over TLS may have been asked for %s", (told, scheme) => {
  const socket = new PeerSocket("127.0.0.1", true);
  const request = requestOn(socket, { "x-forwarded-proto": told });
  expect(clientOf(request, socket, trusted).scheme).toBe(scheme);
});

it("a proxy on the link is known by its address without the zone", () => {
  const socket = new PeerSocket("fe80::1%eth0");
  const request = requestOn(socket, { "x-forwarded-for": "203.0.113.7" });
  const { trusted: onLink } = compileTrustedProxies(["fe80::/10"]);
  expect(clientOf(request, socket, onLink).address).toBe("203.0.113.7");
});

it("trusts nobody without an entry", () => {
  expect(compileTrustedProxies([])).toEqual({ trusted: null, invalid: [] });
});
