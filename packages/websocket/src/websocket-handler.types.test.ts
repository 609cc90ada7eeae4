import { compileSnippets } from "../test/harness/compile";

const IMPORTS = `
import { join } from "node:path";
import {
  AbstractWebSocketHandler, BinaryMessage, BinaryWebSocketHandler, CloseSessionError, CloseStatus, Component,
  Configuration, EnableWebSocket, InjectLogger, refuse, TextMessage, TextWebSocketHandler, WebSocketApplication,
  WebSocketBroadcaster, WebSocketHandler, inject,
  type HandshakeHandler, type HandshakeInterceptor, type HandshakeRequest, type Logger, type PathVariables,
  type Principal, type Refusal, type WebSocketConfigurer, type WebSocketHandlerRegistry, type WebSocketMessage,
  type WebSocketSession,
} from "@vernal/websocket";
`;

interface Snippet {
  readonly code: string;
  /** For each error of the compiler, in order, words that its text holds. None: the code compiles. */
  readonly errors?: readonly (readonly string[])[];
}

const handler = (path: string, session: string): string => `
@WebSocketHandler(${path})
export class Handler extends TextWebSocketHandler {
  override handleTextMessage(session: ${session}, message: TextMessage): void { void [session, message]; }
}`;

const withSession = (statement: string, session = "WebSocketSession<{ room: string }>"): string =>
  `export function use(session: ${session}): void { ${statement} }`;

const missing = (variable: string) => [[`Property '${variable}' is missing in type`]];

const PATHS: Readonly<Record<string, Snippet>> = {
  "another variable": { code: handler('"/a/{x}"', "WebSocketSession<{ y: string }>"), errors: missing("y") },
  "one variable too many": {
    code: handler('"/a/{x}"', "WebSocketSession<{ x: string; y: string }>"),
    errors: missing("y"),
  },
  "a variable where the path has none": {
    code: handler('"/a"', "WebSocketSession<{ x: string }>"),
    errors: missing("x"),
  },
  "a variable that is a number": {
    code: handler('"/a/{x}"', "WebSocketSession<{ x: number }>"),
    errors: [["Type 'string' is not assignable to type 'number'"]],
  },
  "a variable that only one of two paths has": {
    code: handler('["/a/{x}/{y}", "/b/{x}"]', "WebSocketSession<{ x: string; y: string }>"),
    errors: missing("y"),
  },
  "two paths without a common variable": {
    code: handler('["/a/{x}", "/b/{y}"]', "WebSocketSession<{ x: string }>"),
    errors: missing("x"),
  },
  "the variable of the path": { code: handler('"/a/{x}"', "WebSocketSession<{ x: string }>") },
  "two variables of the path": {
    code: handler('"/a/{x}/b/{y}"', "WebSocketSession<{ x: string; y: string }>"),
  },
  "fewer variables than the path": { code: handler('"/a/{x}/{y}"', "WebSocketSession<{ y: string }>") },
  "a read-only variable": { code: handler('"/a/{x}"', "WebSocketSession<{ readonly x: string }>") },
  "variables named by an interface": {
    code: `interface Room { readonly x: string }\n${handler('"/a/{x}"', "WebSocketSession<Room>")}`,
  },
  "variables computed from the path": {
    code: handler('"/a/{x}"', 'WebSocketSession<PathVariables<"/a/{x}">>'),
  },
  "a plain session": { code: handler('"/a/{x}"', "WebSocketSession") },
  "a plain session where the path has no variable": { code: handler('"/a"', "WebSocketSession") },
  "a session of any variables": { code: handler('"/a/{x}"', "WebSocketSession<object>") },
  "wildcards, which are no variables": { code: handler('"/a/{x}/*/**"', "WebSocketSession<{ x: string }>") },
  "the common variable of two paths": {
    code: handler('["/a/{x}/{y}", "/b/{x}"]', "WebSocketSession<{ x: string }>"),
  },
  "a path that is not known yet": {
    code: `declare const path: string;\n${handler("path", "WebSocketSession")}`,
  },
  "paths that are not known yet": {
    code: `declare const paths: readonly string[];\n${handler("paths", "WebSocketSession")}`,
  },
  "a path in a constant": {
    code: `const PATH = "/a/{x}";\n${handler("PATH", "WebSocketSession<{ y: string }>")}`,
    errors: missing("y"),
  },
};

const CALLBACKS: Readonly<Record<string, Snippet>> = Object.fromEntries(
  [
    "afterConnectionEstablished",
    "handleMessage",
    "handleTextMessage",
    "handleBinaryMessage",
    "handlePongMessage",
    "handleTransportError",
    "afterConnectionClosed",
  ].map((callback): [string, Snippet] => [
    `a variable too many in ${callback}`,
    {
      code: `
@WebSocketHandler("/a/{x}")
export class Handler extends AbstractWebSocketHandler {
  override ${callback}(session: WebSocketSession<{ x: string; y: string }>): void { void session; }
}`,
      errors: [[callback, ...missing("y").flat()]],
    },
  ]),
);

const CLASSES: Readonly<Record<string, Snippet>> = {
  "a class without callbacks": {
    code: `@WebSocketHandler("/a") export class Handler {}`,
    errors: [
      ["afterConnectionEstablished", "handleMessage", "handleTransportError", "afterConnectionClosed"],
    ],
  },
  "a class that lacks one callback": {
    code: `
@WebSocketHandler("/a")
export class Handler {
  afterConnectionEstablished(): void {}
  handleMessage(): void {}
  handleTransportError(): void {}
}`,
    errors: [["afterConnectionClosed", "is missing in type 'Handler'"]],
  },
  "an abstract class": {
    code: `@WebSocketHandler("/a") export abstract class Handler extends TextWebSocketHandler {}`,
    errors: [["abstract"]],
  },
  "a path that is no string": {
    code: `@WebSocketHandler(8080) export class Handler extends TextWebSocketHandler {}`,
    errors: [["'number' is not assignable"]],
  },
  "an option that does not exist": {
    code: `@WebSocketHandler("/a", { allowedOrigin: ["*"] }) export class Handler extends TextWebSocketHandler {}`,
    errors: [["'allowedOrigin' does not exist", "allowedOrigins"]],
  },
  "a class of its own that has the four callbacks": {
    code: `
@WebSocketHandler("/a/{x}")
export class Handler implements WebSocketHandler<{ x: string }> {
  afterConnectionEstablished(session: WebSocketSession<{ x: string }>): void { session.pathVariables.x.trim(); }
  handleMessage(session: WebSocketSession<{ x: string }>, message: WebSocketMessage): void { void [session, message]; }
  handleTransportError(): void {}
  async afterConnectionClosed(): Promise<void> {}
}`,
  },
  "parameters of a constructor, private and injected": {
    code: `
@Component() export class History { readonly lines: string[] = []; }
@WebSocketHandler("/a")
export class Handler extends TextWebSocketHandler {
  constructor(
    private readonly history: History,
    protected readonly broadcaster: WebSocketBroadcaster,
    @inject("limit") private readonly limit: number,
    @InjectLogger() private readonly logger: Logger,
  ) { super(); }
  override handleTextMessage(_: WebSocketSession, message: TextMessage): void {
    if (this.history.lines.length < this.limit) this.logger.info("one more");
    this.broadcaster.toAll().send(message);
  }
}`,
  },
  "asynchronous callbacks": {
    code: `
@WebSocketHandler("/a/{x}")
export class Handler extends AbstractWebSocketHandler {
  override async afterConnectionEstablished(session: WebSocketSession<{ x: string }>): Promise<void> {
    await session.sendMessage(session.pathVariables.x);
  }
  override async handleMessage(_: WebSocketSession, message: WebSocketMessage): Promise<void> { void message; }
  override async handleTextMessage(_: WebSocketSession, message: TextMessage): Promise<void> { void message; }
  override async handleBinaryMessage(_: WebSocketSession, message: BinaryMessage): Promise<void> { void message; }
  override async handlePongMessage(_: WebSocketSession): Promise<void> {}
  override async handleTransportError(_: WebSocketSession, error: Error): Promise<void> { void error; }
  override async afterConnectionClosed(_: WebSocketSession<{ x: string }>, status: CloseStatus): Promise<void> {
    void status;
  }
}`,
  },
  "a callback that names no override": {
    code: `export class Handler extends TextWebSocketHandler { handleTextMessage(): void {} }`,
    errors: [["'override' modifier"]],
  },
  "an override of a callback that does not exist": {
    code: `export class Handler extends TextWebSocketHandler { override handleTextMesage(): void {} }`,
    errors: [["'override' modifier", "handleTextMessage"]],
  },
  "a component that is no class": {
    code: `
declare const handler: TextWebSocketHandler;
void WebSocketApplication.start({ components: [handler] });`,
    errors: [["'TextWebSocketHandler' is not assignable to type 'AnyClass'"]],
  },
  "a component by its name": {
    code: `void WebSocketApplication.start({ components: ["Handler"] });`,
    errors: [["Type 'string' is not assignable to type 'AnyClass'"]],
  },
  "components with parameters in their constructors": {
    code: `
@Component() class A {}
@Component() class B { constructor(private readonly a: A) { void this.a; } }
void WebSocketApplication.start({ components: [A, B] }).then((application) => application.get(B) satisfies B);`,
  },
};

const SESSIONS: Readonly<Record<string, Snippet>> = {
  "a variable that the session does not have": {
    code: withSession("void session.pathVariables.nope;"),
    errors: [["Property 'nope' does not exist on type '{ room: string; }'"]],
  },
  "a variable that the session has": { code: withSession("session.pathVariables.room satisfies string;") },
  "any variable of a plain session, which may be missing": {
    code: withSession("session.pathVariables['room'] satisfies string;", "WebSocketSession"),
    errors: [["'string | undefined'"]],
  },
  "an attribute of a declared type": {
    code: withSession(`
      session.attributes.set("nickname", "Ada");
      session.attributes.get("nickname") satisfies string | undefined;`),
  },
  "an attribute that nobody declared": {
    code: withSession(
      `session.attributes.set("other", 42); session.attributes.get("other") satisfies number;`,
    ),
    errors: [["Type 'unknown'", "'number'"]],
  },
  "an attribute of the wrong type": {
    code: withSession(`session.attributes.set("nickname", 42);`),
    errors: [["'number' is not assignable to parameter of type 'string'"]],
  },
  "an attribute read as the wrong type": {
    code: withSession(`session.attributes.get("nickname") satisfies number | undefined;`),
    errors: [["Type 'string' is not assignable to type 'number'"]],
  },
  "a message of each kind": {
    code: withSession(`
      void session.sendMessage("text");
      void session.sendMessage(Buffer.of(1));
      void session.sendMessage(new Uint8Array(1));
      void session.sendMessage(new TextMessage("text"));
      session.sendMessage(new BinaryMessage(Buffer.of(1))) satisfies Promise<boolean>;`),
  },
  "a number as a message": {
    code: withSession("void session.sendMessage(42);"),
    errors: [["'number' is not assignable to parameter of type 'Sendable'"]],
  },
  "a look-alike as a message": {
    code: withSession(`void session.sendMessage({ kind: "text", payload: "text" });`),
    errors: [["is not assignable to parameter of type 'Sendable'"]],
  },
  "a message of each kind, told apart": {
    code: `
export function read(message: WebSocketMessage): void {
  if (message.kind === "text") message.payload satisfies string;
  else message.payload satisfies Buffer;
}`,
  },
};

const RECEIVE_ONLY = ["NO_STATUS_CODE", "NO_CLOSE_FRAME", "TLS_HANDSHAKE_FAILURE"];
const STATUSES: Readonly<Record<string, Snippet>> = {
  ...Object.fromEntries(
    RECEIVE_ONLY.flatMap((name): [string, Snippet][] => [
      [
        `a session closed with ${name}`,
        {
          code: withSession(`session.close(CloseStatus.${name});`),
          errors: [["'ReceiveOnlyCloseStatus' is not assignable"]],
        },
      ],
      [
        `a broadcast closed with ${name}`,
        {
          code: `export function use(all: WebSocketBroadcaster) { all.toAll().close(CloseStatus.${name}); }`,
          errors: [["'ReceiveOnlyCloseStatus' is not assignable"]],
        },
      ],
    ]),
  ),
  "a session closed with a number": {
    code: withSession("session.close(4000);"),
    errors: [["'number' is not assignable to parameter of type 'CloseStatus'"]],
  },
  "sessions closed with what can be sent": {
    code: `
export function use(session: WebSocketSession, all: WebSocketBroadcaster): void {
  session.close();
  session.close(undefined);
  session.close(CloseStatus.GOING_AWAY);
  session.close(CloseStatus.GOING_AWAY.withReason("a break"));
  session.close(new CloseStatus(4000, "enough"));
  all.toAll().close(CloseStatus.SESSION_NOT_RELIABLE) satisfies number;
}`,
  },
  "the status of one session for another": {
    code: `
export class Pair extends TextWebSocketHandler {
  other: WebSocketSession | undefined;
  override afterConnectionClosed(_: WebSocketSession, status: CloseStatus): void { this.other?.close(status); }
}`,
  },
  "a received status compared with the constants": {
    code: `
export function lost(status: CloseStatus): boolean {
  return status.equalsCode(CloseStatus.NO_CLOSE_FRAME) || status.code === CloseStatus.NO_STATUS_CODE.code;
}`,
  },
  "a status that is changed": {
    code: `CloseStatus.NORMAL.code = 4000;`,
    errors: [["'code' because it is a read-only property"]],
  },
};

const HANDSHAKES: Readonly<Record<string, Snippet>> = {
  "an interceptor that returns a boolean": {
    code: `
export class Gate implements HandshakeInterceptor {
  beforeHandshake(request: HandshakeRequest): boolean { return request.origin !== undefined; }
}`,
    errors: [["'boolean' is not assignable to type 'void | Refusal"]],
  },
  "an interceptor that returns the promise of a boolean": {
    code: `
export class Gate implements HandshakeInterceptor {
  async beforeHandshake(): Promise<boolean> { return true; }
}`,
    errors: [["'Promise<boolean>' is not assignable"]],
  },
  "interceptors that go on or refuse": {
    code: `
export class Gate implements HandshakeInterceptor {
  async beforeHandshake(request: HandshakeRequest): Promise<void | Refusal> {
    if (request.cookies["token"] === undefined) return refuse(401, "Log in first.", { "WWW-Authenticate": "Cookie" });
  }
  afterHandshake(_: HandshakeRequest, error: unknown): void { void error; }
}
@WebSocketHandler("/a", { interceptors: [Gate, new Gate(), { beforeHandshake() {} }] })
export class Handler extends TextWebSocketHandler {}`,
  },
  "a user without a name": {
    code: `
export class Users implements HandshakeHandler {
  determineUser() { return { email: "ada@example.com" }; }
}`,
    errors: [["Property 'name' is missing"]],
  },
  "a user of one's own type": {
    code: `
interface User extends Principal { readonly roles: readonly string[] }
const ADA: User = { name: "ada", expiresAt: new Date(0), roles: ["admin"] };
export class Users implements HandshakeHandler {
  async determineUser(request: HandshakeRequest): Promise<User | Refusal | undefined> {
    return request.headers.has("authorization") ? ADA : refuse(401);
  }
}
export const rolesOf = (session: WebSocketSession) => (session.principal as User | undefined)?.roles;`,
  },
  "what was added to the users": {
    code: withSession("session.principal?.email satisfies string | undefined;"),
  },
};

const REGISTRATION: Readonly<Record<string, Snippet>> = {
  "a handler without a path": {
    code: `
export class Config implements WebSocketConfigurer {
  registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
    registry.addHandler({} as TextWebSocketHandler);
  }
}`,
    errors: [["Expected at least 2 arguments, but got 1"]],
  },
  "a handler that is none": {
    code: `
export function register(registry: WebSocketHandlerRegistry): void { registry.addHandler({}, "/a"); }`,
    errors: [["is missing the following properties", "afterConnectionEstablished"]],
  },
  "everything that can be said of a registration": {
    code: `
class Handler extends BinaryWebSocketHandler {
  override handleBinaryMessage(session: WebSocketSession<{ x: string }>): void { void session; }
}
class Gate implements HandshakeInterceptor { beforeHandshake(): void {} }
export function register(registry: WebSocketHandlerRegistry): void {
  registry
    .addHandler(new Handler(), "/a/{x}", "/b/{x}")
    .addInterceptors(Gate, new Gate())
    .setHandshakeHandler({ determineUser: () => ({ name: "ada" }) })
    .setAllowedOrigins("https://a.example", "https://b.example")
    .setAllowedOriginPatterns("https://*.example")
    .setOptions({
      maxMessageBytes: 1024,
      subProtocols: ["v1"],
      mapError: (error) => (error instanceof RangeError ? CloseStatus.BAD_DATA : undefined),
    });
}`,
  },
  "a mapper that is asynchronous": {
    code: `
@WebSocketHandler("/a", { mapError: async () => CloseStatus.BAD_DATA })
export class Handler extends TextWebSocketHandler {}`,
    errors: [["Promise<CloseStatus>"]],
  },
};

/** DESIGN.md part 2; the dots are filled in, and the imports added. */
const DESIGN: Readonly<Record<string, Snippet>> = {
  "the Spring Boot article": {
    code: `
@Configuration()
@EnableWebSocket()
export class WebSocketConfig implements WebSocketConfigurer {
  registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
    registry.addHandler(new MyWebSocketHandler(), "/ws/chat").setAllowedOrigins("*");
  }
}

export class MyWebSocketHandler extends TextWebSocketHandler {
  override afterConnectionEstablished(session: WebSocketSession): void { void session.id; }
  override async handleTextMessage(session: WebSocketSession, message: TextMessage): Promise<void> {
    await session.sendMessage(new TextMessage(\`서버 응답: \${message.payload}\`));
  }
  override afterConnectionClosed(session: WebSocketSession, status: CloseStatus): void { void [session, status]; }
}`,
  },
  "the same with the decorator": {
    code: `
@Component() export class MessageHistory {}

@WebSocketHandler("/ws/rooms/{room}", { allowedOrigins: ["https://chat.example.com"] })
export class RoomHandler extends TextWebSocketHandler {
  constructor(
    private readonly history: MessageHistory,
    private readonly broadcaster: WebSocketBroadcaster,
    @InjectLogger() private readonly logger: Logger,
  ) { super(); }

  override afterConnectionEstablished(session: WebSocketSession<{ room: string }>): void {
    session.join(\`room:\${session.pathVariables.room}\`);
  }
  override handleTextMessage(session: WebSocketSession<{ room: string }>, message: TextMessage): void {
    this.broadcaster.toGroup(\`room:\${session.pathVariables.room}\`).except(session).send(message);
  }
}

void WebSocketApplication.run({ port: 8080, scan: [join(__dirname, "handlers")] });`,
  },
};

const AUGMENTATION = `
declare module "@vernal/websocket" {
  interface SessionAttributes { nickname: string }
  interface Principal { readonly email?: string }
}`;

const TABLES = {
  "the path of a decorator and the sessions of its class": PATHS,
  "each callback": CALLBACKS,
  "the class under a decorator": CLASSES,
  "a session": SESSIONS,
  "a status": STATUSES,
  "a handshake": HANDSHAKES,
  "a registration": REGISTRATION,
  "the code of the design": DESIGN,
};

const compiled = compileSnippets({
  augmentation: IMPORTS + AUGMENTATION,
  ...Object.fromEntries(
    Object.values(TABLES).flatMap((table) =>
      Object.entries(table).map(([name, { code }]) => [name, IMPORTS + code]),
    ),
  ),
});

it("lets a module add to the types of the package", () => {
  expect(compiled["augmentation"]).toEqual([]);
});

describe.each(Object.entries(TABLES))("%s", (_, table) => {
  const wrong = Object.entries(table).filter(([, { errors }]) => errors !== undefined);
  const right = Object.entries(table).filter(([, { errors }]) => errors === undefined);

  if (right.length > 0) {
    it.each(right)("compiles: %s", (name) => {
      expect(compiled[name]).toEqual([]);
    });
  }

  if (wrong.length > 0) {
    it.each(wrong)("does not compile: %s", (name, { errors }) => {
      expect(compiled[name]).toEqual(
        errors!.map(
          (words) => expect.stringMatching(new RegExp(words.map(literally).join(".*"), "s")) as string,
        ),
      );
    });
  }
});

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
