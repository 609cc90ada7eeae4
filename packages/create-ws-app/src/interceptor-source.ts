/** The class: it lets everybody in and leaves something behind, so that a project goes on working with it. */
export function interceptorSource(className: string): string {
  return `import type { AttributeMap, HandshakeInterceptor, HandshakeRequest, Refusal } from "@vernal/websocket";

/** Asked before each handshake of the handlers that name it. To refuse one, return \`refuse(401)\`. */
export class ${className} implements HandshakeInterceptor {
  beforeHandshake(request: HandshakeRequest, attributes: AttributeMap): Refusal | void {
    attributes.set("userAgent", request.headers.get("User-Agent") ?? "unknown");
  }
}
`;
}

export function interceptorTest(className: string, file: string): string {
  return `import { startInMemoryApplication } from "@vernal/testing";
import { TextWebSocketHandler, WebSocketHandler } from "@vernal/websocket";
import { ${className} } from "../src/interceptors/${file}";

@WebSocketHandler("/guarded", { interceptors: [${className}] })
class Guarded extends TextWebSocketHandler {}

test("lets a client in, and the session knows what it came with", async () => {
  await using application = await startInMemoryApplication({ components: [Guarded] });
  const client = await application.connect("/guarded", { headers: { "User-Agent": "a test" } });
  expect(application.sessionOf(client).attributes.get("userAgent")).toBe("a test");
});

test("lets in who says nothing", async () => {
  await using application = await startInMemoryApplication({ components: [Guarded] });
  const client = await application.connect("/guarded");
  expect(application.sessionOf(client).attributes.get("userAgent")).toBe("unknown");
});
`;
}
