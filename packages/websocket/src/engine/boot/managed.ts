import type { AnyClass } from "../../class-metadata";
import { COMPONENT } from "../../injection";
import { CONFIGURATION, ENABLE_WEBSOCKET } from "../../websocket-configurer";
import { HANDLER_MAPPING } from "../../websocket-handler";

const MARKS = [COMPONENT, CONFIGURATION, ENABLE_WEBSOCKET, HANDLER_MAPPING];

/** Whether a class is one that Vernal makes. */
export function isManaged(target: AnyClass): boolean {
  return MARKS.some((entry) => entry.read(target) !== undefined);
}

/** Whether boot makes the one instance of a class. */
export function isSingleton(target: AnyClass): boolean {
  return isManaged(target) && HANDLER_MAPPING.read(target)?.options.scope !== "connection";
}
