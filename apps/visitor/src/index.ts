export { barriersIn, type BarrierSearch } from "./barriers";
export { launchBrowser } from "./browser";
export { DESKTOP, openTab, PHONE, Visitor } from "./visitor";
