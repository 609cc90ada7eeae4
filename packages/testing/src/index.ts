/**
 * Tests for handlers without a socket, and for applications with and without a port.
 *
 * @module @vernal/testing
 */

export { RecordingSession, type FailingCall } from "./recording-session";
export type { RecordingSessionOptions, RecordingSessionOptionsWith } from "./recording-session-options";
export { RecordingBroadcaster, type RecordedBroadcast, type RecordedTarget } from "./recording-broadcaster";
export { startInMemoryApplication } from "./start-in-memory-application";
export { startTestApplication } from "./start-test-application";
export { TestApplication } from "./test-application";
export type {
  StartInMemoryApplicationOptions,
  StartTestApplicationOptions,
  TestOptions,
} from "./test-application-options";
export { connectTestClient } from "./connect-test-client";
export { TestClient } from "./test-client";
export type { ConnectOptions } from "./test-client-options";
export { encodeRawFrame } from "./encode-raw-frame";
export { RawConnection } from "./raw-connection";
export type { RawFrame, RawFrameOptions } from "./raw-frame";
export type { HttpAnswer } from "./http-answer";
export type { LogLine } from "./application-log";
export { until } from "./until";
export type { WaitOptions } from "./wait-options";
export type { ContractRequest } from "./contract-request";
export { registerContract, type ContractCase, type TestRunner } from "./contract";
export { handshakeHandlerContract } from "./handshake-handler-contract";
export type { AcceptedRequest, HandshakeHandlerSubject, RefusedRequest } from "./handshake-handler-subject";
export { broadcastRelayContract } from "./broadcast-relay-contract";
export type { BroadcastRelaySubject } from "./broadcast-relay-subject";
