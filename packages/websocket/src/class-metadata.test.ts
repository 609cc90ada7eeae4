import { ClassMetadata } from "./class-metadata";

const COLOR = new ClassMetadata<string>("test/color");

test("an entry is read from the class it was written to, and not from a subclass", () => {
  class Base {}
  class Derived extends Base {}
  COLOR.write(Base, "red");
  expect(COLOR.read(Base)).toBe("red");
  expect(COLOR.read(Derived)).toBeUndefined();
  COLOR.write(Derived, "blue");
  expect(COLOR.read(Base)).toBe("red");
});

test("a later entry of the same name takes the place of an earlier one", () => {
  class Painted {}
  COLOR.write(Painted, "red");
  new ClassMetadata<string>("test/color").write(Painted, "green");
  expect(COLOR.read(Painted)).toBe("green");
});

test("entries of other names stand beside it", () => {
  class Painted {}
  COLOR.write(Painted, "red");
  new ClassMetadata<number>("test/size").write(Painted, 3);
  expect(COLOR.read(Painted)).toBe("red");
});

test("only a class with an own record carries one", () => {
  class Base {}
  class Derived extends Base {}
  COLOR.write(Base, "red");
  expect(ClassMetadata.isOn(Base)).toBe(true);
  const others = [Derived, new Base(), undefined, null, "text", {}, () => {}];
  for (const each of others) expect(ClassMetadata.isOn(each)).toBe(false);
});

test("another copy of the package finds the record, and listing a class does not", () => {
  class Painted {}
  COLOR.write(Painted, "red");
  jest.isolateModules(() => {
    const copy = require("./class-metadata") as typeof import("./class-metadata");
    expect(copy.ClassMetadata).not.toBe(ClassMetadata);
    expect(new copy.ClassMetadata("test/color").read(Painted)).toBe("red");
  });
  expect(Object.keys(Painted)).toEqual([]);
});
