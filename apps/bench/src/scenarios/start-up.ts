import { Server } from "../processes/server";
import { summarise } from "../statistics";
import type { Scenario } from "./scenario";

/** A server with one endpoint, from the start of its process until it listens. */
export const startUp: Scenario = {
  name: "start-up",
  title: "Start until it listens",
  metrics: [
    { name: "cpu", title: "CPU until it listens", unit: "ms" },
    { name: "wall", title: "time until it listens", unit: "ms" },
  ],
  baseline: "ws",
  peers: ["vernal", "ws", "nest", "socket.io", "fastify", "crossws"],
  measure: async (peer, settings) => {
    const cpu: number[] = [];
    const wall: number[] = [];
    for (let index = 0; index < settings.starts; index += 1) {
      const started = performance.now();
      const server = await Server.listen(peer, "echo", settings);
      wall.push(performance.now() - started);
      cpu.push(server.start.cpuMicroseconds / 1000);
      await server.end();
    }
    return { figures: { cpu: summarise(cpu)!.median, wall: summarise(wall)!.median } };
  },
};
