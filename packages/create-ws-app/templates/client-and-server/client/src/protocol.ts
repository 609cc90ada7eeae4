// The server has the one description of what both say.
export type { ClientMessage, PollOption, ServerMessage } from "../../server/src/protocol";
