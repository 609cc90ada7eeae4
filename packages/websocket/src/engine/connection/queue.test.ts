import fc from "fast-check";
import { Queue } from "./queue";

it("gives what was put in, in its order, whatever the turns of putting and taking", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 100 }), { maxLength: 60 }), (steps) => {
      const queue = new Queue<number>();
      const model: number[] = [];
      let next = 0;
      for (const step of steps) {
        for (let count = 0; count < step; count += 1) {
          queue.push(next);
          model.push(next);
          next += 1;
        }
        for (let count = 0; count > step && model.length > 0; count -= 1) {
          expect(queue.first).toBe(model[0]);
          expect(queue.shift()).toBe(model.shift());
        }
        expect([...queue]).toEqual(model);
        expect(queue.length).toBe(model.length);
      }
    }),
  );
});
