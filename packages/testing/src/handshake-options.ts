import { invalidTestArgument } from "./errors";
import type { ConnectOptions } from "./test-client-options";

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[\w!#$%&'*+\-.^`|~]+$/;

/**
 * Looks at what a client cannot send, before it is asked to.
 *
 * @param call what the test called.
 * @throws VernalError `VERNAL_TEST_INVALID_ARGUMENT`.
 */
export function checkHandshake(call: string, path: string, { subProtocols = [] }: ConnectOptions): void {
  if (!path.startsWith("/") || path.includes("#")) {
    throw invalidTestArgument(
      call,
      path,
      'the path and query of the handler, such as "/ws/chat?token=x": it begins with "/" and has no "#"',
    );
  }
  const wrong = subProtocols.find((name, index) => !TOKEN.test(name) || subProtocols.indexOf(name) < index);
  if (wrong === undefined) return;
  throw invalidTestArgument(
    `subProtocols of ${call}`,
    wrong,
    "names without spaces and commas, each once, or offer what is wrong with openConnection()",
  );
}
