import {
  Configuration,
  EnableWebSocket,
  type WebSocketConfigurer,
  type WebSocketHandlerRegistry,
} from "@vernal/websocket";
import { MyWebSocketHandler } from "./my-websocket-handler";

@Configuration()
@EnableWebSocket()
export class WebSocketConfig implements WebSocketConfigurer {
  registerWebSocketHandlers(registry: WebSocketHandlerRegistry): void {
    registry.addHandler(new MyWebSocketHandler(), "/ws/chat").setAllowedOrigins("*");
  }
}
