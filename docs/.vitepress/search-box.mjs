/**
 * The search box of VitePress says that it is a button, in which there are other buttons, and a list box, in whose
 * options there are links. Screen readers are told what is there: a dialog with a list of links.
 */
export const soundSearchBox = {
  name: "sound-search-box",
  enforce: "pre",
  transform(code, id) {
    if (!id.endsWith("/VPLocalSearchBox.vue")) return undefined;
    return code
      .replace('role="button"', 'role="dialog" aria-modal="true"')
      .replaceAll("<kbd ", '<kbd role="img" ')
      .replaceAll(
        /\s(:aria-owns|aria-expanded|aria-haspopup|:aria-selected|:aria-activedescendant)="[^"]*"/g,
        "",
      )
      .replaceAll(/\s:?role="[^"]*(listbox|option)[^"]*"/g, "");
  },
};
