import { connectTestClient, type ConnectOptions, type TestClient } from "@vernal/testing";
import { LIMIT_MS } from "./until";

/** A client that offers compression, as those in use do. */
export function connectClient(url: string, options: ConnectOptions = {}): Promise<TestClient> {
  return connectTestClient(url, { timeoutMs: LIMIT_MS, perMessageDeflate: true, ...options });
}
