const connection = document.querySelector(".connection");
const state = document.querySelector("#state");
const latest = document.querySelector("#latest");
const note = document.querySelector("#note");
const form = document.querySelector("form");
let socket;
// Written here, and not heard yet: it may have been lost on its way.
let unheard;

function connect() {
  const url = new URL("/ws/board", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.addEventListener("open", () => {
    show("open", "Connected");
    if (unheard !== undefined) socket.send(unheard);
  });
  socket.addEventListener("message", ({ data }) => {
    latest.textContent = data;
    // What is written last counts, whoever has written it.
    unheard = undefined;
    note.textContent = "";
  });
  socket.addEventListener("close", () => {
    show("waiting", "Reconnecting …");
    if (unheard !== undefined) note.textContent = `“${unheard}” waits for the connection.`;
    // The server may have been restarted. Not all pages at once.
    setTimeout(connect, 500 + Math.random() * 1000);
  });
}

function show(name, text) {
  connection.dataset.state = name;
  state.textContent = text;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = form.elements.text.value.trim();
  if (text === "") return;
  unheard = text;
  if (socket.readyState === WebSocket.OPEN) socket.send(text);
  else note.textContent = `“${text}” waits for the connection.`;
  form.reset();
});

connect();
