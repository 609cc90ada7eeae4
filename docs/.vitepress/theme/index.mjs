// Without fonts: those of the reader's system show Latin and Hangul alike, and nothing has to be loaded.
export { default } from "vitepress/theme-without-fonts";
import "./style.css";
