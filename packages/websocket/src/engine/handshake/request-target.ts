import type { IncomingMessage } from "node:http";

/**
 * The path of a request as it came over the wire, without the query. Also of the absolute form, which a server has to
 * take (RFC 9112 section 3.2.2); of anything else a text that is no path.
 */
export function rawPathOf(request: IncomingMessage): string {
  const target = originForm(request);
  const query = target.indexOf("?");
  return query === -1 ? target : target.slice(0, query);
}

/** Path and query of a request, in the form in which they usually come. */
export function originForm(request: IncomingMessage): string {
  const target = request.url ?? "";
  if (target.startsWith("/")) return target;
  const absolute = /^(?:https?|wss?):\/\/[^/?#]*(.*)$/i.exec(target);
  if (absolute === null) return "";
  const rest = absolute[1]!;
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** Whether a request with an `Upgrade` names WebSocket in it, possibly among others. */
export function asksForWebSocket(request: IncomingMessage): boolean {
  const names = (request.headers.upgrade ?? "").split(",");
  return names.some((name) => name.trim().toLowerCase() === "websocket");
}
