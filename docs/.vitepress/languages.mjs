import { apiSidebar, sidebar } from "./sidebars.mjs";

export function english() {
  return {
    label: "English",
    lang: "en",
    description: "The Spring programming model for WebSockets, in TypeScript",
    themeConfig: {
      nav: [
        { text: "Start", link: "/start", activeMatch: "^/start" },
        { text: "Guides", link: "/guides/handlers-and-sessions", activeMatch: "^/guides/(?!coming-from)" },
        {
          text: "Coming from",
          activeMatch: "^/guides/coming-from",
          items: [
            { text: "Spring", link: "/guides/coming-from-spring" },
            { text: "NestJS, Socket.IO, ws", link: "/guides/coming-from-node" },
          ],
        },
        {
          text: "Reference",
          activeMatch: "^/reference/",
          items: [
            { text: "API", link: "/reference/api/" },
            { text: "Options", link: "/reference/options" },
            { text: "Errors", link: "/reference/errors" },
            { text: "Close codes", link: "/reference/close-codes" },
            { text: "Contract", link: "/reference/contract" },
          ],
        },
        { text: "Internals", link: "/internals/life", activeMatch: "^/internals/" },
      ],
      sidebar: {
        "/reference/api/": apiSidebar(),
        "/": sidebar([
          { text: "Begin", pages: ["index.md", "start.md"] },
          {
            text: "Write handlers",
            pages: [
              "guides/handlers-and-sessions.md",
              "guides/paths-and-variables.md",
              "guides/dependency-injection.md",
              "guides/configurers-and-beans.md",
              "guides/json-events.md",
              "guides/handler-decorators.md",
            ],
          },
          {
            text: "Let people in",
            pages: [
              "guides/origins.md",
              "guides/authentication.md",
              "guides/slow-and-hostile-clients.md",
              "guides/public-server.md",
            ],
          },
          { text: "Talk to many", pages: ["guides/rooms-and-broadcast.md", "guides/client.md"] },
          { text: "Test", pages: ["guides/testing.md"] },
          {
            text: "Run",
            pages: ["guides/attaching.md", "guides/proxies.md", "guides/deploying.md", "guides/sizing.md"],
          },
          {
            text: "Coming from",
            pages: ["guides/coming-from-spring.md", "guides/spring-article.md", "guides/coming-from-node.md"],
          },
          { text: "More guides", folder: "guides" },
          {
            text: "Reference",
            folder: "reference",
            pages: [
              "reference/api/index.md",
              "reference/options.md",
              "reference/errors.md",
              "reference/close-codes.md",
              "reference/contract.md",
            ],
          },
          {
            text: "Internals",
            folder: "internals",
            pages: [
              "internals/life.md",
              "internals/decisions.md",
              "internals/attacks.md",
              "internals/benchmark.md",
              "internals/trouble.md",
              "internals/performance.md",
            ],
          },
        ]),
      },
    },
  };
}

export function korean() {
  return {
    label: "한국어",
    lang: "ko",
    description: "TypeScript로 쓰는 Spring 방식의 WebSocket",
    themeConfig: {
      nav: [
        { text: "시작하기", link: "/ko/", activeMatch: "^/ko/(start)?$" },
        { text: "영어 문서", link: "/start" },
      ],
      sidebar: sidebar([
        { text: "시작", pages: ["ko/index.md", "ko/start.md"] },
        { text: "Spring에서 오셨다면", folder: "ko" },
      ]),
      outline: { level: [2, 3], label: "이 페이지의 내용" },
      docFooter: { prev: "이전", next: "다음" },
      langMenuLabel: "언어 바꾸기",
      sidebarMenuLabel: "차례",
      returnToTopLabel: "맨 위로",
      darkModeSwitchLabel: "화면 모드",
      lightModeSwitchTitle: "밝은 화면으로",
      darkModeSwitchTitle: "어두운 화면으로",
      skipToContentLabel: "본문으로 건너뛰기",
      notFound: {
        title: "페이지가 없습니다",
        quote: "주소를 확인하거나 검색해 보세요.",
        linkLabel: "처음으로",
        linkText: "처음으로",
      },
    },
  };
}
