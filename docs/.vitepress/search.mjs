export const search = {
  provider: "local",
  options: {
    detailedView: true,
    miniSearch: {
      searchOptions: {
        // The guides explain what the pages of the API list. Runs in the reader's browser, so it knows no names of here.
        boostDocument: (id) => (id.includes("/reference/api/") ? 0.3 : 1),
      },
    },
    _render(source, env, markdown) {
      const html = markdown.render(source, env);
      return env.relativePath.startsWith("reference/api/") ? membersOf(html) : html;
    },
    locales: {
      ko: {
        translations: {
          button: { buttonText: "검색", buttonAriaLabel: "검색" },
          modal: {
            displayDetails: "본문 보기",
            resetButtonTitle: "지우기",
            backButtonTitle: "닫기",
            noResultsText: "찾지 못했습니다:",
            footer: {
              selectText: "열기",
              selectKeyAriaLabel: "엔터",
              navigateText: "이동",
              navigateUpKeyAriaLabel: "위로",
              navigateDownKeyAriaLabel: "아래로",
              closeText: "닫기",
              closeKeyAriaLabel: "esc",
            },
          },
        },
      },
    },
  },
};

/** Each member once, where it is declared, and not its headings "Parameters" and "Returns" by themselves. */
function membersOf(html) {
  return html
    .split(/(?=<h[23]\b)/)
    .filter((section) => !/<h4[^>]*>Inherited from/.test(section))
    .join("")
    .replace(/<(\/?)h[4-6]\b/g, "<$1p");
}
